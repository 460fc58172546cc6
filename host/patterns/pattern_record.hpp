// PatternRecord: which module an instance runs, on disk, so that a restart continues with the
// one that has the writes. PatternStarter, PatternSwap -> <directory>/patterns/<instance>/module ->
// PatternLoader. Pure, except for the file.
//
//   patchbay 2
//   configured immutable       what the configuration named when this was written
//   module     immutable       what runs: a plugin's id, or a file
//   id         immutable
//   durable    yes             its store holds the writes
//   keeper     …               a module whose store holds writes that the one that runs has only in
//   keeper-id  …                 memory: started first, until all of them are final
//   added      yes             not in the configuration, but added while the host ran; with
//   table, setting, on_reject
//   checksum   …               of all lines before it
//
// A copy lies beside it. A record that is not what was written is set aside, and the copy counts.
//
// Invariant: there is one source of writes at any time, the keeper if the record has one, else the
// module if it is durable. A store of any other module holds nothing that counts.
#pragma once

#include <filesystem>
#include <optional>
#include <patchbay/result.hpp>
#include <string>

#include "config/config.hpp"

namespace patchbay::patterns {

/// A module as a configuration or a request names it, and the id it gives itself.
struct NamedModule {
  std::string name;  ///< A plugin's id, or a file.
  std::string id;

  friend bool operator==(const NamedModule&, const NamedModule&) = default;
};

struct PatternRecord {
  std::string configured;
  NamedModule current;
  bool durable = false;
  std::optional<NamedModule> remaining_source;  ///< `keeper` in the file.
  std::optional<PatternConfig> added;

  /// The module whose store has the writes; nullptr if no store has them.
  [[nodiscard]] const NamedModule* source() const noexcept;
};

/// The path of an instance's record in the host's directory.
[[nodiscard]] std::filesystem::path record_file(const std::filesystem::path& directory,
                                                const std::string& instance);
/// Reads a record; nullopt if there is none, or if it cannot be read, which is logged then.
/// ErrorCode::rejected: it is of a newer version.
[[nodiscard]] Result<std::optional<PatternRecord>> read_record(const std::filesystem::path& file);
/// Writes a record, which is on disk when this returns; an error leaves the previous one. A record
/// that is there already needs no room. [any thread]
[[nodiscard]] Result<void> write_record(const std::filesystem::path& file,
                                        const PatternRecord& record);
/// True if nothing else is in the record's directory: a store that was there is gone.
[[nodiscard]] bool is_alone(const std::filesystem::path& file);
/// The patterns that were added to the host in this directory and not removed, sorted by name.
[[nodiscard]] Result<std::vector<PatternConfig>> added_patterns(
    const std::filesystem::path& directory);

}  // namespace patchbay::patterns
