// ModuleWatch: tells that a plugin's file was built again, once it has not changed for a moment, as
// a linker writes it piece by piece. The system's file events → here → ModuleWatches. On a strand
// of the io pool; owned by the running pattern, gone before the pool.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <tuple>

#include "runtime/file_events.hpp"
#include "time/clock.hpp"

namespace patchbay::patterns {

class ModuleWatch {
 public:
  struct Parts {
    std::unique_ptr<Executor> strand;
    Clock& clock;
    FileEvents& files;
  };
  /// `changed` is called on the strand. ErrorCode::retry: the system gives no file events.
  static Result<std::unique_ptr<ModuleWatch>> begin(Parts parts, std::filesystem::path file,
                                                    std::function<void()> changed);
  [[nodiscard]] const std::filesystem::path& file() const noexcept;
  /// `changed` is not called afterwards; a call under way may still return. [any thread]
  ~ModuleWatch();
  ModuleWatch(const ModuleWatch&) = delete;
  ModuleWatch& operator=(const ModuleWatch&) = delete;

 private:
  class State;
  explicit ModuleWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace patchbay::patterns
