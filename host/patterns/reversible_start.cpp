#include "patterns/reversible_start.hpp"

#include "log/log.hpp"

namespace patchbay::patterns {

api::ModuleResult ReversibleStart::start(RunningPattern& pattern,
                                         const std::optional<PatternRecord>& before) {
  auto status = try_start(pattern);
  if (!status) take_back(pattern, before);
  return status;
}

api::ModuleResult ReversibleStart::try_start(RunningPattern& pattern) {
  auto status = starter_.start(pattern);
  if (!status) return tl::unexpected(status.error());
  if (pattern.hand_over_to.empty()) return *std::move(status);
  return swap_.swap(pattern, {pattern.config.name, pattern.hand_over_to, true, false});
}

void ReversibleStart::take_back(RunningPattern& pattern,
                                const std::optional<PatternRecord>& before) {
  const std::filesystem::path file = record_file(config_.directory, pattern.config.name);
  static_cast<void>(stopper_.end(pattern));
  std::error_code failed;
  if (!before) {
    std::filesystem::remove(file, failed);
  } else if (const auto written = write_record(file, *before); !written) {
    log::warning(file.parent_path().filename().string(), written.error().message);
  }
}

}  // namespace patchbay::patterns
