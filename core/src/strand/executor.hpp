// Executor: where a strand object's work runs, one piece at a time, in the order posted.
// The host gives each pattern a thread of its own and each other strand object a strand of the io
// pool (asio_executor.hpp); tests run everything by hand (sim/manual_executor.hpp).
#pragma once

#include <functional>

namespace patchbay {

class Executor {
 public:
  virtual ~Executor() = default;
  /// Queues `work`; never runs it inside this call. [any thread]
  virtual void post(std::function<void()> work) = 0;
};

}  // namespace patchbay
