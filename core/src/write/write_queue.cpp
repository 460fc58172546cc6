#include "write/write_queue.hpp"

#include <utility>

#include "write/send_loop.hpp"

namespace patchbay {

WriteQueue::WriteQueue(Executor& strand, Clock& clock, WriteGateway& gateway,
                       QueueObserver& observer, QueueOptions options)
    : loop_(std::make_shared<SendLoop>(strand, clock, gateway, observer, options)) {}

WriteQueue::~WriteQueue() {
  loop_->close();
}

void WriteQueue::enqueue(OutgoingWrite write,
                         std::optional<std::chrono::milliseconds> give_up_after, bool mark_first) {
  std::vector<EnqueuedWrite> one;
  one.push_back({std::move(write), give_up_after, mark_first});
  enqueue(std::move(one));
}

void WriteQueue::enqueue(std::vector<EnqueuedWrite> writes) {
  if (writes.empty()) return;
  loop_->post(
      [writes = std::move(writes)](SendLoop& loop) mutable { loop.enqueue(std::move(writes)); });
}

void WriteQueue::extend(const WriteId& write, std::chrono::milliseconds give_up_after) {
  loop_->post([write, give_up_after](SendLoop& loop) { loop.extend(write, give_up_after); });
}

void WriteQueue::marked(std::vector<WriteId> writes, std::int64_t sent_after_s) {
  loop_->post([writes = std::move(writes), sent_after_s](SendLoop& loop) {
    loop.marked(writes, sent_after_s);
  });
}

void WriteQueue::handled(const WriteId& rejected, bool divided) {
  loop_->post([rejected, divided](SendLoop& loop) { loop.handled(rejected, divided); });
}

void WriteQueue::inherit(SuccessorDuties duties) {
  loop_->post([duties](SendLoop& loop) { loop.inherit(duties); });
}

void WriteQueue::network_restored() {
  loop_->post([](SendLoop& loop) { loop.network_restored(); });
}

void WriteQueue::credentials_changed() {
  loop_->post([](SendLoop& loop) { loop.credentials_changed(); });
}

}  // namespace patchbay
