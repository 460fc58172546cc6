// Adoption: a predecessor's writes take the place of those that the journal of a store holds from
// an earlier time. StoreSteps -> Adoption -> Journal, inside Store::write; before the cut with
// what the handover would be then, at the cut with the handover. Made for one store, used by a
// successor.
//
// Where the store is the predecessor's, its writes are what the handover has. A predecessor that
// has failed may have left writes there that the handover lacks: both count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <vector>

#include "found_early.hpp"
#include "step.hpp"

namespace patchbay::sqlite {

class Adoption {
 public:
  Adoption(Host& host, SyncedTables& tables, Journal& journal, FoundEarly& early)
      : host_(host), tables_(tables), journal_(journal), early_(early) {}

  /// The journal gets the handover's writes and no others, except those of other programs that were
  /// found since: they come behind. What an earlier call took is brought up to this handover.
  void replace(const Handover& handover, Step& step);
  /// In the store of a predecessor that failed: a step of it may have been committed and told
  /// nobody.
  void send_unknown(const Handover& handover, Step& step);
  /// Adds what the journal lacks of the handover. Gives the rows that it touches.
  [[nodiscard]] std::vector<TouchedRow> add_missing(const Handover& handover);

 private:
  /// What the journal got so far, to be compared with the next handover.
  struct Taken {
    struct Unfinished {
      WriteId id;
      std::int64_t sent_after_s;
      std::size_t settled;
    };
    explicit Taken(const Handover& handover);
    std::vector<Unfinished> unfinished;
    std::vector<WriteId> rejected;
  };
  /// Writes of other programs, taken out of the journal.
  struct Found {
    std::vector<KeptWrite> unfinished;
    std::vector<RejectedWrite> rejected;
  };

  [[nodiscard]] Found take_found(const Handover& handover, std::vector<TouchedRow>& rows);
  void add_found(const KeptWrite& kept);
  [[nodiscard]] std::vector<TouchedRow> drop_all();
  [[nodiscard]] std::vector<TouchedRow> drop_ended(const Taken& taken, const Handover& handover);

  Host& host_;
  SyncedTables& tables_;
  Journal& journal_;
  FoundEarly& early_;
  std::optional<Taken> taken_;
};

}  // namespace patchbay::sqlite
