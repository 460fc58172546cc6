// MovableStrand: the executor of one runner, whose work can be held back and moved to another
// thread. Callers of the runner -> here -> the executor of the pattern's thread. Owned
// by the runner; the executors outlive its last piece of work there.
//
// Invariants:
//  1. Work runs in the order posted and never two pieces at the same time, also across a move.
//  2. After `pause` no work starts until `resume`; what is posted meanwhile waits.
//  3. After `move_to` no work starts on the executor it has left.
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
  /// Holds back all work that has not started; work that calls this runs to its end. [any thread]
  void pause();
  /// Ends a pause. [any thread]
  void resume();
  /// Lets later work start on that executor. [any thread]
  void move_to(Executor& executor);

 private:
  class State;
  std::shared_ptr<State> state_;  // held by what is posted too
};

}  // namespace patchbay
