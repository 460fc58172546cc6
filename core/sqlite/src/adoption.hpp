// Adoption: a predecessor's writes take the place of those that the journal of a store holds from
// an earlier time. StoreSteps -> Adoption -> Journal, inside Store::write; before the cut with
// what the handover would be then, at the cut with the handover. Made for one store, used by a
// successor.
//
// In the store of the predecessor are the writes of the handover. A predecessor that has failed may
// have left more there: both count.
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

  /// Gives the journal the handover's writes and no others, except those of other programs that
  /// were found since, which come behind. Brings what an earlier call took up to this handover.
  void replace(const Handover& handover, Step& step);
  /// Sends the writes that the store of a failed predecessor holds and the handover does not: its
  /// last step may have been committed without its effects.
  void send_unknown(const Handover& handover, Step& step);
  /// Adds what the journal lacks of the handover. Gives the rows that it touches.
  [[nodiscard]] std::vector<TouchedRow> add_missing(const Handover& handover);

 private:
  /// The writes that the journal got so far, to be compared with the next handover.
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
