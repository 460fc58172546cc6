// PatternSlot: the pattern that a runner runs now, with its host, its module and its thread, which
// a swap replaces together. The runner's parts -> slot -> pattern. On the runner's strand, owned by
// the runner; `pattern` is null once the runner has stopped.
#pragma once

#include <map>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "runtime/module_description.hpp"
#include "runtime/pattern_host.hpp"
#include "strand/executor.hpp"
#include "stream/stream_batch.hpp"

namespace patchbay {

struct PatternSlot {
  const InstanceOptions& options;  ///< Outlive the slot; the same for every pattern.
  ModuleDescription module;
  std::unique_ptr<PatternHost> host;
  PatternOwner pattern;                              ///< Destroyed before its host.
  Executor* thread;                                  ///< Outlives the pattern.
  std::map<std::string, StreamStatus> streams = {};  ///< By table, where something was told.

  /// The name of the instance.
  [[nodiscard]] const std::string& name() const noexcept { return options.name; }
  /// The table, by any spelling of its name; never null. ErrorCode::retry: its stream has not been
  /// up to date yet; ErrorCode::rejected: the instance does not have it, or it cannot be followed.
  [[nodiscard]] Result<const TableSchema*> find_table(const std::string& name) const;
  /// Notes how the stream of a table is.
  void note_stream(const StreamStatus& status);
  /// Logs the settings that the pattern has not asked for; called once it has started.
  void warn_of_unasked_settings() const;
};

}  // namespace patchbay
