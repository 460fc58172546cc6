// JournalSalvage: the writes that can be read in a damaged file, wherever its pages are, put into a
// new one. A write counts when each of its operations has the checksum it was written with, or none
// of them has one and all can be read; of versions that had none, what SQLite still finds. Made by
// Journal for one salvage; throws SQLite::Exception.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "page_rows.hpp"

namespace patchbay::sqlite {

class JournalSalvage {
 public:
  JournalSalvage(SQLite::Database& fresh, SQLite::Database& damaged)
      : fresh_(fresh), damaged_(damaged) {}

  /// Inside a transaction of the new file. A sentence says what came over.
  std::string run();

 private:
  void take_sealed();
  void take_unsealed();
  void take_version_1();
  /// The operations of the write that starts there, or none when it is not whole.
  [[nodiscard]] std::vector<const PageRow*> write_at(std::int64_t begin, const PageRow& first);
  /// The row with that number and the right checksum; nullptr when there is none.
  [[nodiscard]] const PageRow* operation_at(std::int64_t number, std::int64_t index,
                                            const PageRow& first);
  /// Whether a row of an older module, which has no checksum, can be read.
  [[nodiscard]] bool is_readable(const PageRow& row);
  [[nodiscard]] bool has_one_spelling(std::int64_t schema) const;
  void use_other_schemas();
  void add(const PageRow& row);
  void add_tables();

  SQLite::Database& fresh_;
  SQLite::Database& damaged_;
  std::multimap<std::int64_t, PageRow> rows_;
  std::multimap<std::int64_t, std::string> schemas_;  ///< Of all spellings the right one fits.
  std::map<std::int64_t, std::string> used_schemas_;
  std::int64_t found_ = 0;  ///< Writes, whole or in part.
  bool whole_ = true;       ///< All tables of the file can be read.
};

}  // namespace patchbay::sqlite
