// TableReader: reads in the database what Electric does not say: which columns to ask for if a
// table leaves some out, and what domains are made of. Shape followers -> this -> PostgreSQL ->
// their callbacks. Owned by the app. One thread and one connection, made at the first question.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "electric/shape_options.hpp"

namespace patchbay::app {

class TableReader {
 public:
  explicit TableReader(const std::string& database_url);
  /// Ends a question that the database does not answer, and drops those behind it.
  ~TableReader();
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  /// A function that looks up `table` for its follower. Do not call it once the reader is gone.
  [[nodiscard]] electric::TableLook look_at(const std::string& table,
                                            const std::vector<std::string>& except);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::app
