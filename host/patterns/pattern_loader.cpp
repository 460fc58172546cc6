#include "patterns/pattern_loader.hpp"

#include <algorithm>

#include "log/log.hpp"
#include "patterns/module_choice.hpp"
#include "patterns/plugin_files.hpp"

namespace patchbay::patterns {

Result<void> PatternLoader::load_all() {
  auto added = added_patterns(config_.directory);
  if (!added) return tl::unexpected(added.error());
  std::vector<PatternConfig> wanted = config_.patterns;
  for (PatternConfig& one : *added) {
    const auto same = std::ranges::find(wanted, one.name, &PatternConfig::name);
    if (same == wanted.end()) wanted.push_back(std::move(one));
  }
  const std::size_t configured = config_.patterns.size();
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    const auto loaded = load(wanted[index], false);
    if (loaded) continue;
    // A wrong configuration is corrected before the host runs; what was added while it ran is not.
    if (index < configured) return tl::unexpected(loaded.error());
    hold_back(wanted[index], loaded.error().message);
  }
  return {};
}

Result<RunningPattern*> PatternLoader::load_requested(PatternConfig pattern) {
  return load(std::move(pattern), true);
}

Result<RunningPattern*> PatternLoader::load(PatternConfig pattern, bool requested) {
  const std::filesystem::path record_path = record_file(config_.directory, pattern.name);
  auto record = read_record(record_path);
  if (!record) return tl::unexpected(record.error());
  const PluginLoader loader = make_plugin_loader(config_);
  const ModuleChoice choice = choose_module(pattern, *record, loader);
  if (!choice.warning.empty()) log::warning(pattern.name, choice.warning);
  if (*record) warn_of_lost_store(pattern.name, **record);
  const auto file = find_module(loader, choice.first);
  auto steps = std::make_shared<StepNotes>(pattern.name, crashes_.file_of(pattern.name));
  if (file && !requested) {
    std::string why = crashes_.why_held_back(pattern.name, choice.first, *file);
    if (!why.empty()) {
      hold_back(std::move(pattern), std::move(why));
      return nullptr;
    }
  }
  auto loaded =
      file ? load_noted(loader, *file, *steps) : Result<LoadedPlugin>(tl::unexpected(file.error()));
  if (!loaded && !choice.then.empty()) {
    return failure(ErrorCode::rejected, "The writes of the pattern \"" + pattern.name +
                                            "\" are in the store of " + choice.first +
                                            ", which cannot be used: " + loaded.error().message +
                                            " Bring it back, or remove " + record_path.string() +
                                            " to leave them there.");
  }
  if (!loaded) return tl::unexpected(loaded.error());
  const PluginInspection said = loaded->inspection();
  auto running = std::make_unique<RunningPattern>(std::move(pattern), *std::move(loaded));
  running->hand_over_to = choice.then;
  running->steps = std::move(steps);
  if (*record) running->record = **std::move(record);
  if (choice.then.empty()) {
    running->record.configured = running->config.module;
    running->record.current = {choice.first, said.id};
    running->record.durable = is_durable(said);
    running->record.remaining_source.reset();
  }
  return &registry_.add(std::move(running));
}

void PatternLoader::hold_back(PatternConfig pattern, std::string reason) {
  log::error(pattern.name, "The pattern does not run: " + reason);
  registry_.hold_back({std::move(pattern), std::move(reason)});
}

void PatternLoader::warn_of_lost_store(const std::string& instance,
                                       const PatternRecord& record) const {
  const std::filesystem::path file = record_file(config_.directory, instance);
  if (record.source() == nullptr || !is_alone(file)) return;
  log::warning(instance, "The store of " + record.source()->id + " in " +
                             file.parent_path().string() +
                             " is gone: writes that were unfinished in it are lost, and its rows "
                             "are fetched again.");
}

}  // namespace patchbay::patterns
