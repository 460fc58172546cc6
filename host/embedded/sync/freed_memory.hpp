// FreedMemory: has the allocator give back to the system what shapes no longer need; by itself it
// keeps most of it. ShapeRegistry, which owns it → the allocator of the process.
#pragma once

#include <cstddef>

#include "strand/executor.hpp"

namespace patchbay::embedded {

class FreedMemory {
 public:
  /// From now on, in the whole process, large blocks are mapped each for itself, so that they go
  /// back when they are freed (the allocator would raise the size from which it does so with each
  /// of them), and small ones are joined when they are freed, without which a thread's memory does
  /// not shrink.
  explicit FreedMemory(Executor& executor);

  /// Notes that so much was freed. Once that is much, everything that is free is given back, in a
  /// turn of its own: after the answers that hold copies of it. [strand]
  void note(std::size_t bytes);

 private:
  Executor& executor_;
  std::size_t bytes_ = 0;  ///< Since memory was given back.
};

}  // namespace patchbay::embedded
