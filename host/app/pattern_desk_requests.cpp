// What is asked of the desk while the host runs: swaps, new patterns, removals.
#include <algorithm>
#include <chrono>
#include <future>
#include <patchbay/plugin.hpp>

#include "app/module_choice.hpp"
#include "app/pattern_desk.hpp"
#include "app/wiring.hpp"
#include "log/log.hpp"
#include "rows/table_name.hpp"

namespace patchbay::app {
namespace {

/// A pattern that waits to start is asked this often whether its writes can be handed over.
constexpr std::chrono::seconds kHandOverRetryDelay{2};

tl::unexpected<Error> refuse(std::string why) {
  return failure(ErrorCode::rejected, std::move(why));
}

/// The same is done with `force`.
tl::unexpected<api::ModuleError> refuse_unless_forced(std::string why) {
  return tl::unexpected<api::ModuleError>(
      api::ModuleError({ErrorCode::rejected, std::move(why)}, true));
}

bool is_durable(const PluginInspection& said) {
  return (said.traits & kTraitDurable) != 0;
}

/// What is on disk once `next` runs in the place of what `old` says. A pattern in memory is none's
/// keeper, so the store that has the writes keeps them until they are final.
PatternRecord after_swap(const PatternRecord& old, const NamedModule& next, bool durable) {
  PatternRecord record = old;
  record.current = next;
  record.durable = durable;
  record.keeper.reset();
  if (const NamedModule* source = old.source(); !durable && source != nullptr) {
    record.keeper = *source;
  }
  return record;
}

tl::expected<void, api::ModuleError> check_force(const PatternRecord& old,
                                                 const PluginInspection& next, bool force) {
  if (!old.durable || is_durable(next) || force) return {};
  return refuse_unless_forced("The pattern " + old.current.id + " keeps its writes on disk, " +
                              next.id +
                              " would have them in memory only; give --force, then the store of " +
                              old.current.id + " keeps those there are until each is final.");
}

}  // namespace

void PatternDesk::request(std::function<api::ModuleResult()> work, Answer answer) {
  thread_.executor().post([this, work = std::move(work), answer = std::move(answer)] {
    if (closing_) return answer(failure(ErrorCode::cancelled, "The host is shutting down."));
    if (!open_) {
      return answer(failure(ErrorCode::retry, "The host is still starting; try again."));
    }
    answer(work());
  });
}

void PatternDesk::swap(api::SwapRequest wanted, Answer answer) {
  request([this, wanted = std::move(wanted)] { return swap_now(wanted); }, std::move(answer));
}

void PatternDesk::add(api::AdditionRequest wanted, Answer answer) {
  PatternConfig pattern{std::move(wanted.instance), std::move(wanted.module),
                        std::move(wanted.tables), std::move(wanted.settings),
                        wanted.reject_dependents};
  request([this, pattern = std::move(pattern)] { return add_now(pattern); }, std::move(answer));
}

void PatternDesk::remove(api::RemovalRequest wanted, Answer answer) {
  request([this, wanted = std::move(wanted)] { return remove_now(wanted); }, std::move(answer));
}

void PatternDesk::reload(const std::string& instance) {
  request(
      [this, instance]() -> api::ModuleResult {
        const auto pattern = find(instance);
        if (!pattern) return tl::unexpected(pattern.error());
        return swap_now({instance, (*pattern)->record.current.name, false, false});
      },
      [instance](const api::ModuleResult& swapped) {
        if (!swapped) log::warning(instance, "Not reloaded: " + swapped.error().message);
      });
}

Result<RunningPattern*> PatternDesk::find(const std::string& instance) const {
  for (const auto& pattern : patterns_) {
    if (pattern->config.name == instance) return pattern.get();
  }
  return refuse("No pattern \"" + instance + "\" runs here.");
}

std::optional<PatternDesk::HeldBack> PatternDesk::take_held_back(const std::string& instance) {
  const auto found = std::ranges::find(
      held_back_, instance, [](const HeldBack& held) -> const auto& { return held.config.name; });
  if (found == held_back_.end()) return std::nullopt;
  HeldBack held = std::move(*found);
  held_back_.erase(found);
  return held;
}

/// With its own tables and settings; what the configuration names stays what it is.
api::ModuleResult PatternDesk::start_held_back(HeldBack held, const api::SwapRequest& request) {
  const auto refused = [&](const Error& error) -> api::ModuleResult {
    api_->miss_pattern(held.config.name, held.reason);
    held_back_.push_back(std::move(held));
    return tl::unexpected(error);
  };
  if (request.back) return refused({ErrorCode::rejected, "It does not run; name a module."});
  const auto before = read_record(record_file(parts_.config.directory, held.config.name));
  PatternConfig pattern = held.config;
  pattern.module = request.module;
  if (const auto loaded = load(pattern, true); !loaded) return refused(loaded.error());
  RunningPattern& running = *patterns_.back();
  running.config.module = held.config.module;
  if (running.then.empty()) running.record.configured = held.config.module;
  auto status = start_added(running);
  if (status) return status;
  take_back(running, before ? *before : std::nullopt);
  return refused(status.error());
}

api::ModuleResult PatternDesk::swap_now(const api::SwapRequest& request) {
  if (auto held = take_held_back(request.instance)) {
    return start_held_back(*std::move(held), request);
  }
  const auto found = find(request.instance);
  if (!found) return tl::unexpected(found.error());
  RunningPattern& pattern = **found;
  if (request.back && pattern.before.empty()) {
    return refuse("The pattern \"" + request.instance +
                  "\" has had no other module yet; name one.");
  }
  const std::string module = request.back ? pattern.before : request.module;
  const PluginLoader loader = make_plugin_loader(parts_.config);
  const auto file = find_module(loader, module);
  if (!file) return tl::unexpected(file.error());
  auto loaded = load_noted(loader, *file, *pattern.steps);
  if (!loaded) return tl::unexpected(loaded.error());
  const PluginInspection said = loaded->inspection();
  if (auto may = check_force(pattern.record, said, request.force); !may) {
    return tl::unexpected(may.error());
  }
  PatternRecord record = after_swap(pattern.record, {module, said.id}, is_durable(said));
  record.configured = pattern.config.module;
  if (auto replaced = replace(pattern, *std::move(loaded), std::move(record)); !replaced) {
    return tl::unexpected(replaced.error());
  }
  return status_of(pattern);
}

Result<void> PatternDesk::replace(RunningPattern& pattern, LoadedPlugin plugin,
                                  PatternRecord record) {
  const std::filesystem::path file = record_file(parts_.config.directory, pattern.config.name);
  // The same plugin goes on with the same store, whatever the record says: where that cannot be
  // written the successor need not be given up, which has changed the store already.
  const bool same = pattern.record.current.id == record.current.id;
  const bool stores = !same && (pattern.record.source() != nullptr || record.durable);
  SwapRecord seams;
  if (stores) seams.record = [&] { return write_record(file, record); };
  if (record.keeper) {
    seams.all_final = [this, &pattern, swaps = pattern.swaps + 1] {
      thread_.executor().post([this, &pattern, swaps] { release_keeper(pattern, swaps); });
    };
  }
  swapping_ = pattern.runner.get();
  if (closing_) pattern.runner->cancel_swap();
  const Result<void> swapped =
      hot_swap(*pattern.runner, pattern.module, std::move(plugin), std::move(seams));
  swapping_ = nullptr;
  if (!swapped) return swapped;
  ++pattern.swaps;
  pattern.then.clear();
  pattern.before = pattern.record.current.name;
  pattern.record = std::move(record);
  if (parts_.config.watch) watch(pattern);
  if (stores) return {};
  if (const auto written = write_record(file, pattern.record); !written) {
    log::warning(pattern.config.name, written.error().message);
  }
  return {};
}

/// The swap that a changed configuration asks for, again and again until the store can be read;
/// unless the pattern has gone or has been swapped meanwhile.
void PatternDesk::hand_over(const std::string& instance) {
  request(
      [this, instance]() -> api::ModuleResult {
        const auto pattern = find(instance);
        if (!pattern || (*pattern)->then.empty()) return PatternStatus{};
        return swap_now({instance, (*pattern)->then, true, false});
      },
      [this, instance](const api::ModuleResult& swapped) {
        if (swapped) return;
        if (swapped.error().code != ErrorCode::retry) {
          return log::error(instance, swapped.error().message);
        }
        parts_.pool.clock().after(kHandOverRetryDelay, thread_.executor(),
                                  [this, instance] { hand_over(instance); });
      });
}

/// The writes that a store kept for a pattern in memory are final: the store holds none any more.
void PatternDesk::release_keeper(RunningPattern& pattern, std::uint64_t swaps) {
  if (pattern.swaps != swaps || !pattern.record.keeper) return;
  pattern.record.keeper.reset();
  if (const auto written = keep_record(pattern); !written) {
    log::warning(pattern.config.name, written.error().message);
  }
}

api::ModuleResult PatternDesk::add_now(PatternConfig pattern) {
  if (find(pattern.name)) {
    return refuse("A pattern \"" + pattern.name + "\" runs here already; choose another name.");
  }
  for (const HeldBack& held : held_back_) {
    if (held.config.name == pattern.name) {
      return refuse("The pattern \"" + pattern.name +
                    "\" is there and does not run: " + held.reason);
    }
  }
  if (pattern.tables.empty()) pattern.tables = parts_.config.tables;
  for (std::string& table : pattern.tables) {
    auto canonical = rows::canonical_table(table);
    if (!canonical) return tl::unexpected(canonical.error());
    table = *std::move(canonical);
  }
  Config alone = parts_.config;
  alone.patterns = {pattern};
  if (auto checked = complete(alone); !checked) return tl::unexpected(checked.error());
  const auto before = read_record(record_file(parts_.config.directory, pattern.name));
  // Asked for by a person, so it is tried again though it has ended the process before.
  if (auto loaded = load(pattern, true); !loaded) return tl::unexpected(loaded.error());
  RunningPattern& running = *patterns_.back();
  running.record.added = running.config;
  auto status = start_added(running);
  if (!status) {
    take_back(running, before ? *before : std::nullopt);
  } else if (parts_.config.watch) {
    watch(running);
  }
  return status;
}

/// Where a store of that name has writes of another plugin, those are handed over as at a start.
api::ModuleResult PatternDesk::start_added(RunningPattern& pattern) {
  if (const auto started = start(pattern); !started) return tl::unexpected(started.error());
  auto status = check_start(pattern);
  if (!status) return tl::unexpected(status.error());
  if (pattern.then.empty()) return *std::move(status);
  return swap_now({pattern.config.name, pattern.then, true, false});
}

/// It does not run: what is on disk is as before.
void PatternDesk::take_back(RunningPattern& pattern, const std::optional<PatternRecord>& before) {
  const std::filesystem::path file = record_file(parts_.config.directory, pattern.config.name);
  if (pattern.runner) {
    static_cast<void>(end(pattern));
  } else {
    patterns_.pop_back();
  }
  std::error_code failed;
  if (!before) {
    std::filesystem::remove(file, failed);
  } else if (const auto written = write_record(file, *before); !written) {
    log::warning(file.parent_path().filename().string(), written.error().message);
  }
}

/// One that watches the file already has seen what was built since that was loaded.
void PatternDesk::watch(RunningPattern& pattern) {
  const std::filesystem::path file = pattern.module.plugin.inspection().path;
  if (pattern.watch && pattern.watch->file() == file) return;
  auto watched =
      ModuleWatch::begin({parts_.pool.make_strand(), parts_.pool.clock(), parts_.pool.files()},
                         file, [this, instance = pattern.config.name] { reload(instance); });
  if (watched) {
    pattern.watch = *std::move(watched);
  } else {
    log::warning(pattern.config.name, "Its module is not watched: " + watched.error().message);
  }
}

/// What its store holds stays there, as with one that runs.
api::ModuleResult PatternDesk::remove_held_back(const HeldBack& held) {
  const auto file = record_file(parts_.config.directory, held.config.name);
  auto record = read_record(file);
  if (record && *record && (*record)->added) {
    (*record)->added.reset();
    if (auto written = write_record(file, **record); !written) {
      held_back_.push_back(held);
      return tl::unexpected(written.error());
    }
  }
  api_->remove_pattern(held.config.name);
  forget_crashes(held.config.name);
  PatternStatus status;
  status.instance = held.config.name;
  status.state = "removed";
  return status;
}

api::ModuleResult PatternDesk::remove_now(const api::RemovalRequest& request) {
  if (const auto held = take_held_back(request.instance)) return remove_held_back(*held);
  const auto found = find(request.instance);
  if (!found) return tl::unexpected(found.error());
  RunningPattern& pattern = **found;
  const auto asked = ask_status(pattern);
  if (!asked && !request.force) {
    return refuse_unless_forced(
        "The pattern \"" + request.instance + "\" does not answer" + doing_of(pattern) +
        "; whether its writes are final cannot be told. Try again later, or give --force: then it "
        "is removed, and its module stays in the process until the host ends.");
  }
  PatternStatus status = asked.value_or(PatternStatus{});
  if (status.writes_unfinished + status.writes_rejected > 0 && !request.force) {
    return refuse_unless_forced(
        "The pattern \"" + request.instance + "\" has writes that are not final, " +
        std::to_string(status.writes_unfinished) + " unfinished and " +
        std::to_string(status.writes_rejected) +
        " refused; wait for those, retry or discard these, or give --force: then " +
        (pattern.record.source() != nullptr
             ? "its store keeps them until a pattern of this name runs again."
             : "they are lost."));
  }
  status.instance = request.instance;
  pattern.record.added.reset();
  if (auto kept = keep_record(pattern); !kept) return tl::unexpected(kept.error());
  if (auto ended = end(pattern); !ended) return tl::unexpected(ended.error());
  status.state = "removed";
  return status;
}

}  // namespace patchbay::app
