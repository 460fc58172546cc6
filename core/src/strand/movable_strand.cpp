#include "strand/movable_strand.hpp"

#include <deque>
#include <mutex>
#include <utility>

#include "hop_trace.hpp"

namespace patchbay {

/// At most one turn is posted or running at any time: that is what keeps two pieces apart.
class MovableStrand::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(Executor& executor) : executor_(&executor) {}

  void post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    note_hop();
    waiting_.push_back(std::move(work));
    post_turn();
  }
  void set_paused(bool paused) {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
    post_turn();
  }
  void move_to(Executor& executor) {
    const std::lock_guard lock(mutex_);
    executor_ = &executor;
  }
  void drop_all() {
    std::deque<std::function<void()>> dropped;  // dies outside the lock: it may hold anything
    const std::lock_guard lock(mutex_);
    dropped.swap(waiting_);
  }

 private:
  void post_turn() {
    if (turn_posted_ || paused_ || waiting_.empty()) return;
    turn_posted_ = true;
    executor_->post([self = shared_from_this(), on = executor_] { self->take_turn(on); });
  }
  void take_turn(const Executor* on) {
    if (std::function<void()> work = next_on(on)) work();
    const std::lock_guard lock(mutex_);
    turn_posted_ = false;
    post_turn();
  }
  /// Empty when nothing may start there now.
  std::function<void()> next_on(const Executor* on) {
    const std::lock_guard lock(mutex_);
    if (on != executor_ || paused_ || waiting_.empty()) return {};
    std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    return work;
  }

  std::mutex mutex_;
  std::deque<std::function<void()>> waiting_;
  Executor* executor_;
  bool paused_ = false;
  bool turn_posted_ = false;
};

MovableStrand::MovableStrand(Executor& executor) : state_(std::make_shared<State>(executor)) {}

MovableStrand::~MovableStrand() {
  state_->drop_all();
}

void MovableStrand::post(std::function<void()> work) {
  state_->post(std::move(work));
}

void MovableStrand::pause() {
  state_->set_paused(true);
}

void MovableStrand::resume() {
  state_->set_paused(false);
}

void MovableStrand::move_to(Executor& executor) {
  state_->move_to(executor);
}

}  // namespace patchbay
