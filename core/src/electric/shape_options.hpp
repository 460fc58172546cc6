// ShapeOptions: what to follow, and where. From the configuration to the hub and its followers.
// A value.
#pragma once

#include <functional>
#include <map>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace patchbay::electric {

/// Facts about a table that the shape endpoint does not give, and the database does.
struct TableFacts {
  std::string columns;  ///< As in ShapeOptions.
  /// By column, of those of a domain: the type that it is made of, by PostgreSQL's own name.
  std::map<std::string, std::string> base_types{};

  friend bool operator==(const TableFacts&, const TableFacts&) = default;
};
/// Calls back once, on any thread: post, and touch nothing.
using TableLook = std::function<void(std::function<void(Result<TableFacts>)> callback)>;

struct ShapeOptions {
  std::string url;    ///< The shape endpoint: "http://host:port/v1/shape".
  std::string table;  ///< As rows::canonical_table spells it.
  std::string where;  ///< "" for all rows.
  /// "" for all columns; else names joined by commas, the primary key among them.
  std::string columns;
  /// Reads the facts that replace `columns` and name types: they change with the table. May be
  /// empty: a domain is then a type of its own.
  TableLook look;
  /// Columns that are not taken over from answers, for those who cannot name all others: none of
  /// the key. Rows, schema and cache are as if the table did not have them.
  std::vector<std::string> columns_except;
  /// Further parameters that define the shape, as the protocol names them: "params[1]", "replica".
  net::QueryParameters parameters;
  /// Parameters that only prove who asks: "secret", "source_id". Never logged.
  net::QueryParameters credentials;
  bool cached = true;  ///< Rows are kept on disk, where the hub has a cache.
};

}  // namespace patchbay::electric
