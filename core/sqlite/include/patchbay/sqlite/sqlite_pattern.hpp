// SqlitePattern: the steps that the SQLite patterns share, each one transaction: journal, fold,
// view and stream position change together or not at all. Runner -> SqlitePattern -> RowStore. The
// plugin hands in what is its own. Everything on the instance's thread; all state is in the store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <patchbay/final_writes.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/final_memory.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/journal_file.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/row_store.hpp>
#include <patchbay/sqlite/store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <patchbay/stop_point.hpp>
#include <string>
#include <vector>

namespace patchbay::sqlite {

class Step;

/// What a plugin hands in.
struct SqlitePatternParts {
  std::string file_name;  ///< In the instance's directory: "immutable.db".
  std::uint32_t application_id = 0;
  std::uint32_t version = journal_file::kVersion;  ///< Of the file; see migrate_table.
  /// Makes the plugin's side; the arguments outlive it.
  std::function<std::unique_ptr<RowStore>(Store&, Host&, SyncedTables&, Journal&, LocalLog&)>
      make_rows;
  /// Brings the plugin's side of one table from an older version of the file to this one. May be
  /// empty.
  std::function<void(SQLite::Database&, const TableSchema&, std::uint32_t from)> migrate_table;
};

class SqlitePattern : public Pattern, private FinalWrites {
 public:
  explicit SqlitePattern(SqlitePatternParts parts);
  ~SqlitePattern() override;

  Result<void> start(Host& host, Effects& effects) override;
  Result<void> adopt(const Handover& handover, Effects& effects) override;
  Result<void> on_batch(const Batch& batch, Effects& effects) override;
  Result<void> on_write(const Write& write, Effects& effects) override;
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override;
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) override;
  Result<bool> on_local_change(Effects& effects) override;
  Result<void> read(const Query& query, RowSink& sink) override;
  /// The lease of its store, which a successor of the same plugin shares.
  [[nodiscard]] Result<OwnState> own_state() const override;
  /// FinalWrites.
  [[nodiscard]] void* extension(std::string_view name, std::uint32_t revision) override;

 private:
  Result<FinalRecall> recall(const WriteId& write) override;
  /// A successor until it has adopted.
  enum class Role : std::uint8_t { alone, successor };
  /// What the journal got before the cut, to be compared with the handover.
  struct TakenSoFar {
    struct Unfinished {
      WriteId id;
      std::int64_t sent_after_s;
      std::size_t settled;
    };
    explicit TakenSoFar(const Handover& handover);
    std::vector<Unfinished> unfinished;
    std::vector<WriteId> rejected;
  };
  /// Of other programs, before it has adopted.
  struct FoundWrites {
    std::vector<KeptWrite> unfinished;
    std::vector<RejectedWrite> rejected;
  };

  [[nodiscard]] Result<StoreOptions> store_options(Host& host) const;
  void migrate(SQLite::Database& database, std::uint32_t from) const;
  /// One transaction of a step: what others wrote comes first, so that local order is kept.
  Result<void> commit(Step& step, StopPoint before, StopPoint after,
                      const std::function<void()>& work);
  void take_local_log(Step& step);
  void take_local_write(LocalWrite& found, Step& step, std::vector<TouchedRow>& rows);
  /// Opens the store, loads it and sends what is unfinished.
  Result<void> begin(const StoreOptions& options, Effects& effects);
  void take_store(std::unique_ptr<Store> store);
  /// Gives the tables whose rows the store has.
  [[nodiscard]] std::vector<KeptTable> load(Step& step);
  void resume(const std::vector<KeptTable>& tables);
  void watch();
  /// True when the store is the one that the predecessor has open.
  [[nodiscard]] Result<bool> open_to_adopt(const Handover& handover);
  void replace_writes(const Handover& handover, Step& step);
  [[nodiscard]] FoundWrites take_found(const Handover& handover, std::vector<TouchedRow>& rows);
  void add_found(const KeptWrite& kept);
  [[nodiscard]] std::vector<TouchedRow> drop_ended(const Handover& handover);
  [[nodiscard]] std::vector<TouchedRow> drop_all();
  void send_unknown(const Handover& handover, Step& step);
  std::vector<TouchedRow> add_missing(const Handover& handover);

  Result<void> apply_changes(const Batch& batch, Step& step);
  Result<void> apply_reset(const Batch& batch, Step& step);
  Result<void> stage(const Batch& batch);
  [[nodiscard]] std::vector<TouchedRow> covered_rows(const Batch& batch);
  void settle(const Batch& batch, std::vector<TouchedRow>& rows);
  /// It is final: its id alone stays. Gives the rows still touched.
  std::vector<TouchedRow> end_write(const WriteId& write, bool discarded);
  /// True when the table's rows have another schema than before, or are new.
  bool prepare(const TableSchema& schema);

  [[nodiscard]] std::size_t reject(const Outcome& outcome, Step& step);
  [[nodiscard]] std::size_t send_in_pieces(const KeptWrite& kept, const Outcome& outcome,
                                           Step& step);

  SqlitePatternParts parts_;
  Host* host_ = nullptr;
  Role role_ = Role::alone;
  bool forgets_found_early_ = false;  ///< Once it goes on behind the cut.
  std::int64_t seen_version_ = -1;    ///< Of the file's data, when the log was last looked at.
  std::optional<TakenSoFar> taken_so_far_;  ///< In `start`, until it has adopted.
  std::unique_ptr<Store> store_;
  std::unique_ptr<SchemaTable> schemas_;
  std::unique_ptr<SyncedTables> tables_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<FinalMemory> finals_;
  std::unique_ptr<LocalLog> log_;
  std::unique_ptr<RowStore> rows_;
};

}  // namespace patchbay::sqlite
