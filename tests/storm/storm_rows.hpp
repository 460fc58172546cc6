// StormRows: what one writer of a storm writes next: transactions over rows of its own and one that
// all share, some of which PostgreSQL refuses. Drawn from a seed. Writer -> here; one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storm/storm_account.hpp"

namespace patchbay::test {

/// The tables of a storm. Each row version that PostgreSQL commits leaves a line in `applied`, and
/// is refused with 55P03 while somebody has the one row of `gate`.
extern const char* const kStormTables;
/// Rows of `items` from 1 on that are there before the storm.
inline constexpr std::int64_t kStormSharedRows = 200;

/// An operation and what it sets: names of columns, and texts; nullopt for NULL.
struct StormStatement {
  StormOperation operation;
  std::vector<std::pair<std::string, std::optional<std::string>>> values;  ///< Without the key.
};

class StormRows {
 public:
  /// `writer` from 1 on; `seed` of the storm; `stamps` are shared by all writers.
  StormRows(std::int64_t writer, std::uint64_t seed, std::atomic<std::int64_t>& stamps)
      : stamps_(stamps),
        random_(seed * 1'000 + static_cast<std::uint64_t>(writer)),
        next_id_(writer * 1'000'000) {}

  /// The next transaction, whose stamps are taken now. `shared_row`: one of `items` that other
  /// writers change too; nullopt for none.
  [[nodiscard]] std::vector<StormStatement> next(std::optional<std::int64_t> shared_row);
  /// Continues with new rows only.
  void forget_rows();
  [[nodiscard]] bool happens(unsigned percent) { return random_() % 100 < percent; }

 private:
  StormStatement insert(const std::string& table);
  StormStatement change(std::int64_t id);
  void move(StormStatement& statement);
  StormStatement remove();
  void spoil(StormStatement& statement);
  std::int64_t& any(std::vector<std::int64_t>& ids) { return ids[random_() % ids.size()]; }

  std::atomic<std::int64_t>& stamps_;
  std::mt19937_64 random_;
  std::int64_t next_id_;
  std::vector<std::int64_t> items_;
  std::vector<std::int64_t> parents_;
};

}  // namespace patchbay::test
