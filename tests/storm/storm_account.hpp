// StormAccount: what the writers of a storm had accepted, held against what PostgreSQL applied and
// what the host says was refused. Writers, then the test -> here. Filled on any thread.
//
// Of each accepted operation it expects, in words of its own:
//  1. It was applied once, or is part of one refused write; never both.
//  2. The operations on a row were applied in the order in which they were accepted.
//  3. What must stay whole (a marked transaction, a call) is applied or refused as a whole.
//  4. In a refused write, each operation is one that PostgreSQL would refuse, or shares a row or a
//     transaction with such a one, over others of the same write if need be.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace patchbay::test {

/// One operation of a writer. Its stamp is written to the row, except by a delete; no other
/// operation has it, and stamps grow in the order of acceptance on a row. A row is inserted and
/// deleted at most once.
struct StormOperation {
  std::string kind;  ///< "insert", "update" or "delete".
  std::string table;
  std::int64_t id = 0;
  std::int64_t stamp = 0;
  bool is_bad = false;      ///< PostgreSQL refuses it, whatever is in its tables.
  std::int64_t parent = 0;  ///< The row of `parents` that it refers to; 0 for none.
};

/// Operations that were accepted together.
struct StormTransaction {
  std::vector<StormOperation> operations;
  bool stays_whole = false;
};

/// A change that PostgreSQL applied, or an operation of a refused write. `stamp` is 0 for a delete.
struct StormChange {
  std::string kind;
  std::string table;
  std::int64_t id = 0;
  std::int64_t stamp = 0;
};

struct StormRefusal {
  std::string write_id;
  std::vector<StormChange> operations;
};

class StormAccount {
 public:
  /// Rows that were there before the storm.
  void has_row(const std::string& table, std::int64_t id) { seeded_[{table, id}] = true; }
  void accept(StormTransaction transaction);

  /// A sentence for each thing that is wrong; "" when all is well.
  [[nodiscard]] std::string wrong(const std::vector<StormChange>& applied,
                                  const std::vector<StormRefusal>& refusals) const;
  [[nodiscard]] std::size_t accepted() const;

 private:
  using RowName = std::pair<std::string, std::int64_t>;

  mutable std::mutex mutex_;  // guards all
  std::map<RowName, bool> seeded_;
  std::vector<StormTransaction> transactions_;
};

}  // namespace patchbay::test
