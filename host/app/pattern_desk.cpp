// Birth and end of patterns. What is asked while the host runs is in pattern_desk_requests.cpp.
#include "app/pattern_desk.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <patchbay/plugin.hpp>

#include "app/module_choice.hpp"
#include "app/wiring.hpp"
#include "log/log.hpp"
#include "runtime/crash_line.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::app {
namespace {

/// A pattern that does not say how it is in this time is left to itself.
constexpr std::chrono::seconds kStatusTimeout{3};
/// How long the end of a pattern waits for its step, and that of the host for all of them; then
/// threads are left behind.
constexpr std::chrono::seconds kStopTimeout{30};
constexpr std::chrono::seconds kHostStopTimeout{2};
/// A module that has ended the process this often in a row is not loaded again by itself.
constexpr std::size_t kCrashesMax = 2;
/// A module that has run for so long starts a new row.
constexpr std::chrono::minutes kCrashesForgottenAfter{1};

std::filesystem::path crash_file(const Config& config, const std::string& instance) {
  return std::filesystem::absolute(config.directory) / "crashes" / instance;
}

/// Why a module, a name and its file, is not loaded again by itself; "" when it may be.
std::string why_held_back(const Config& config, const std::string& instance,
                          const std::pair<std::string, std::string>& module) {
  const CrashRecord crashes = read_crash_file(crash_file(config, instance));
  std::error_code failed;
  if (crashes.times < kCrashesMax ||
      crashes.module != std::filesystem::weakly_canonical(module.second, failed).string()) {
    return "";
  }
  return "Its module " + crashes.module + " ended the process " + std::to_string(crashes.times) +
         " times in a row, the last time " + crashes.last + "; try it again with `patchbay swap " +
         instance + " " + module.first + "`, or give another module there.";
}

}  // namespace

Result<LoadedPlugin> load_noted(const PluginLoader& loader, const std::filesystem::path& file,
                                StepNotes& steps) {
  const auto note = steps.add(file.string());
  const StepNote::Scope scope(*note, "load");
  return loader.load(file);
}

Result<void> PatternDesk::load() {
  auto added = added_patterns(parts_.config.directory);
  if (!added) return tl::unexpected(added.error());
  std::vector<PatternConfig> wanted = parts_.config.patterns;
  for (PatternConfig& one : *added) {
    const auto same = std::ranges::find(wanted, one.name, &PatternConfig::name);
    if (same == wanted.end()) wanted.push_back(std::move(one));
  }
  const std::size_t configured = parts_.config.patterns.size();
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    const auto loaded = load(wanted[index]);
    if (loaded) continue;
    // A wrong configuration is mended before the host runs; what was added while it ran is not.
    if (index < configured) return loaded;
    hold_back(wanted[index], loaded.error().message);
  }
  return {};
}

void PatternDesk::hold_back(PatternConfig pattern, std::string reason) {
  log::error(pattern.name, "The pattern does not run: " + reason);
  held_back_.push_back({std::move(pattern), std::move(reason)});
}

void PatternDesk::forget_crashes(const std::string& instance) const {
  std::error_code failed;
  std::filesystem::remove(crash_file(parts_.config, instance), failed);
}

Result<void> PatternDesk::load(PatternConfig pattern, bool tries_again) {
  auto record = read_record(record_file(parts_.config.directory, pattern.name));
  if (!record) return tl::unexpected(record.error());
  const PluginLoader loader = make_plugin_loader(parts_.config);
  const ModuleChoice choice = choose_module(pattern, *record, loader);
  if (!choice.warning.empty()) log::warning(pattern.name, choice.warning);
  if (*record) warn_of_lost_store(pattern.name, **record);
  const auto file = find_module(loader, choice.first);
  auto steps = std::make_shared<StepNotes>(pattern.name, crash_file(parts_.config, pattern.name));
  if (file && !tries_again) {
    std::string why = why_held_back(parts_.config, pattern.name, {choice.first, file->string()});
    if (!why.empty()) {
      hold_back(std::move(pattern), std::move(why));
      return {};
    }
  }
  auto loaded =
      file ? load_noted(loader, *file, *steps) : Result<LoadedPlugin>(tl::unexpected(file.error()));
  if (!loaded && !choice.then.empty()) {
    return failure(
        ErrorCode::rejected,
        "The writes of the pattern \"" + pattern.name + "\" are in the store of " + choice.first +
            ", which cannot be used: " + loaded.error().message + " Bring it back, or remove " +
            record_file(parts_.config.directory, pattern.name).string() + " to leave them there.");
  }
  if (!loaded) return tl::unexpected(loaded.error());
  const PluginInspection said = loaded->inspection();
  auto running = std::make_unique<RunningPattern>(std::move(pattern), *std::move(loaded));
  running->then = choice.then;
  running->steps = std::move(steps);
  if (*record) running->record = **std::move(record);
  if (choice.then.empty()) {
    running->record.configured = running->config.module;
    running->record.current = {choice.first, said.id};
    running->record.durable = (said.traits & kTraitDurable) != 0;
    running->record.keeper.reset();
  }
  patterns_.push_back(std::move(running));
  return {};
}

void PatternDesk::warn_of_lost_store(const std::string& instance,
                                     const PatternRecord& record) const {
  const std::filesystem::path file = record_file(parts_.config.directory, instance);
  if (record.source() == nullptr || !is_alone(file)) return;
  log::warning(instance, "The store of " + record.source()->id + " in " +
                             file.parent_path().string() +
                             " is gone: writes that were unfinished " +
                             "in it are lost, and its rows are fetched anew.");
}

Result<std::vector<std::pair<std::string, std::string>>> PatternDesk::start(Hub& hub,
                                                                            api::ApiServer& api) {
  hub_ = &hub;
  api_ = &api;
  std::vector<std::pair<std::string, std::string>> files;
  for (const HeldBack& held : held_back_) api_->miss_pattern(held.config.name, held.reason);
  for (const auto& pattern : patterns_) {
    if (auto started = start(*pattern); !started) return tl::unexpected(started.error());
    const auto status = check_start(*pattern);
    if (!status) return tl::unexpected(status.error());
    for (const std::string& file : status->files) files.emplace_back(status->instance, file);
  }
  return files;
}

Result<void> PatternDesk::start(RunningPattern& pattern) {
  const auto note = pattern.steps->add(pattern.module.plugin.inspection().path.string());
  auto created = [&] {
    const StepNote::Scope scope(*note, "create");
    return pattern.module.plugin.create();
  }();
  if (!created) return tl::unexpected(created.error());
  const Config& config = parts_.config;
  auto gateway = make_rest_gateway({config.backend_url, config.backend_token});
  if (!gateway) return tl::unexpected(gateway.error());
  pattern.queue_strand = parts_.pool.make_strand();
  pattern.gateway = *std::move(gateway);
  const PatternConfig& wanted = pattern.config;
  const InstanceOptions options{
      wanted.name, wanted.tables, wanted.settings,
      std::filesystem::absolute(config.directory) / "patterns" / wanted.name};
  const RunnerParts parts{pattern.module.thread->executor(),
                          *pattern.queue_strand,
                          parts_.pool.clock(),
                          *hub_,
                          *pattern.gateway,
                          *api_,
                          &parts_.pool.files(),
                          pattern.steps};
  const auto seed =
      static_cast<std::uint64_t>(parts_.pool.clock().now().time_since_epoch().count());
  pattern.runner = std::make_unique<PatternRunner>(
      parts, options, describe(pattern.module.plugin.inspection()),
      note_steps(*std::move(created), note), QueueOptions{wanted.reject_dependents, seed});
  // First: what a store holds from now on counts, even if this process ends in the next moment.
  if (pattern.then.empty()) {
    if (auto kept = keep_record(pattern); !kept) return kept;
  }
  pattern.runner->start();
  note_runner(*pattern.runner, true);
  api_->add_pattern(*pattern.runner);
  parts_.pool.clock().after(kCrashesForgottenAfter, thread_.executor(),
                            [this, name = wanted.name] { forget_crashes(name); });
  return {};
}

/// A pattern that refuses its settings is a matter of configuration, said before the host runs. One
/// whose start takes long is left to itself.
Result<PatternStatus> PatternDesk::check_start(RunningPattern& pattern) {
  PatternStatus status = status_of(pattern);
  if (status.state != "failed") return status;
  return failure(ErrorCode::rejected,
                 "The pattern \"" + status.instance + "\" did not start: " + status.reason);
}

PatternStatus PatternDesk::status_of(RunningPattern& pattern) {
  if (auto status = ask_status(pattern)) return *std::move(status);
  PatternStatus status;
  status.instance = pattern.config.name;
  status.module = pattern.module.plugin.inspection().path.string();
  status.id = pattern.module.plugin.inspection().id;
  status.state = "starting";
  return status;
}

std::optional<PatternStatus> PatternDesk::ask_status(RunningPattern& pattern) {
  const auto answered = std::make_shared<std::promise<PatternStatus>>();
  pattern.runner->status([answered](PatternStatus status) { answered->set_value(status); });
  auto answer = answered->get_future();
  if (answer.wait_for(kStatusTimeout) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

Result<void> PatternDesk::keep_record(RunningPattern& pattern) {
  auto written =
      write_record(record_file(parts_.config.directory, pattern.config.name), pattern.record);
  if (!written) return failure(ErrorCode::rejected, written.error().message);
  return {};
}

std::vector<std::string> PatternDesk::names() const {
  std::vector<std::string> names;
  for (const auto& pattern : patterns_) names.push_back(pattern->config.name);
  for (const HeldBack& held : held_back_) names.push_back(held.config.name);
  return names;
}

bool PatternDesk::serves_any() const {
  return std::ranges::any_of(patterns_,
                             [](const auto& pattern) { return pattern->runner->knows_a_table(); });
}

bool PatternDesk::all_ready() const {
  return std::ranges::all_of(patterns_,
                             [](const auto& pattern) { return pattern->runner->is_ready(); });
}

void PatternDesk::note_runner(PatternRunner& runner, bool runs) {
  parts_.hub_strand.post([this, runner = &runner, runs] {
    std::erase(told_of_network_, runner);
    if (runs) told_of_network_.push_back(runner);
  });
}

void PatternDesk::network_restored() {
  for (PatternRunner* runner : told_of_network_) runner->network_restored();
}

void PatternDesk::open() {
  for (const auto& pattern : patterns_) {
    if (parts_.config.watch) watch(*pattern);
  }
  thread_.executor().post([this] {
    open_ = true;
    for (const auto& pattern : patterns_) {
      if (pattern->then.empty()) continue;
      log::info(pattern->config.name, "Its writes are handed over to " + pattern->then + ".");
      hand_over(pattern->config.name);
    }
  });
}

void PatternDesk::close() {
  closing_ = true;
  if (PatternRunner* runner = swapping_) runner->cancel_swap();
  std::promise<void> idle;
  thread_.executor().post([&idle] { idle.set_value(); });
  idle.get_future().wait();
}

/// All at once: one that hangs takes no time from the others.
void PatternDesk::stop_patterns() {
  std::vector<std::future<void>> stopped;
  for (auto& pattern : patterns_) stopped.push_back(begin_stop(*pattern));
  const auto deadline = std::chrono::steady_clock::now() + kHostStopTimeout;
  for (std::size_t index = 0; index < patterns_.size(); ++index) {
    if (!stopped[index].valid()) continue;
    if (stopped[index].wait_until(deadline) == std::future_status::ready) {
      forget_crashes(patterns_[index]->config.name);
    } else {
      leave_behind(std::move(patterns_[index]));
    }
  }
  std::erase(patterns_, nullptr);
}

std::string PatternDesk::doing_of(const RunningPattern& pattern) {
  const auto doing = pattern.runner->doing();
  return doing ? ": " + as_text(*doing) : "";
}

/// A step of it does not return: whatever it may still use stays until the process ends.
void PatternDesk::leave_behind(std::unique_ptr<RunningPattern> pattern) {
  const auto doing = pattern->runner->doing();
  log::misbehaving(pattern->config.name,
                   (doing ? "The step " + doing->step : std::string("A step")) +
                       " of the pattern does not return; it is left behind. What it had accepted "
                       "is as it would be after a crash.");
  static_cast<void>(pattern.release());
}

/// Ready once its step has returned and it has ended; invalid for one that never started.
std::future<void> PatternDesk::begin_stop(RunningPattern& pattern) {
  if (!pattern.runner) return {};
  const auto stopped = std::make_shared<std::promise<void>>();
  pattern.runner->stop([stopped] { stopped->set_value(); });
  return stopped->get_future();
}

/// Its module leaves; the runner stays until the pool has ended.
Result<void> PatternDesk::end(RunningPattern& pattern) {
  pattern.watch.reset();
  api_->remove_pattern(pattern.config.name);
  note_runner(*pattern.runner, false);
  std::promise<void> forgotten;
  parts_.hub_strand.post([&forgotten] { forgotten.set_value(); });
  forgotten.get_future().wait();
  const auto at = std::ranges::find(patterns_, &pattern, &std::unique_ptr<RunningPattern>::get);
  std::unique_ptr<RunningPattern> ended = std::move(*at);
  patterns_.erase(at);
  if (begin_stop(*ended).wait_for(kStopTimeout) != std::future_status::ready) {
    const std::string why = doing_of(*ended);
    leave_behind(std::move(ended));
    return failure(ErrorCode::in_doubt, "The pattern is removed, but a step of it does not return" +
                                            why + "; it stays in the process until the host ends.");
  }
  forget_crashes(ended->config.name);
  ended->module.thread.reset();
  if (const auto unloaded = ended->module.plugin.unload(); !unloaded) {
    log::warning(ended->config.name, unloaded.error().message);
  }
  removed_.push_back(std::move(ended));
  return {};
}

}  // namespace patchbay::app
