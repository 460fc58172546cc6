// MovableStrand: the executor of one runner, whose work can be held back and moved to another
// thread. Everybody who posts to the runner -> here -> the executor of the pattern's thread. Owned
// by the runner; the executors outlive its last piece of work there.
//
// Invariants:
//  1. Work runs in the order posted and never two pieces at once, whatever is moved when.
//  2. After `pause` nothing begins until `resume`; what is posted meanwhile waits.
//  3. After `move_to` nothing begins on the executor it has left.
#pragma once

#include <functional>
#include <memory>

#include "strand/executor.hpp"

namespace patchbay {

class MovableStrand final : public Executor {
 public:
  explicit MovableStrand(Executor& executor);
  /// Drops what waits.
  ~MovableStrand() override;
  MovableStrand(const MovableStrand&) = delete;
  MovableStrand& operator=(const MovableStrand&) = delete;

  void post(std::function<void()> work) override;
  /// Lets nothing begin any more; work that calls this goes on to its end. [any thread]
  void pause();
  /// Goes on where `pause` has stopped. [any thread]
  void resume();
  /// From now on work begins on that executor. [any thread]
  void move_to(Executor& executor);

 private:
  class State;
  std::shared_ptr<State> state_;  // held by what is posted too
};

}  // namespace patchbay
