#include "patterns/running_pattern.hpp"

namespace patchbay::patterns {

Result<LoadedPlugin> load_noted(const PluginLoader& loader, const std::filesystem::path& file,
                                StepNotes& steps) {
  const auto note = steps.add(file.string());
  const StepNote::Scope scope(*note, "load");
  return loader.load(file);
}

Result<void> keep_record(const std::filesystem::path& directory, const RunningPattern& pattern) {
  auto written = write_record(record_file(directory, pattern.config.name), pattern.record);
  if (!written) return failure(ErrorCode::rejected, written.error().message);
  return {};
}

}  // namespace patchbay::patterns
