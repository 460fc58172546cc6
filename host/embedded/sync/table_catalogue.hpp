// TableCatalogue: what PostgreSQL's catalogue says about tables, asked without waiting for the
// answer. ShapeRegistry and CatalogueWatch → CatalogueThread, or a fake of a test.
#pragma once

#include <cstdint>
#include <functional>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "embedded/sync/catalogue.hpp"
#include "embedded/sync/table_definition.hpp"

namespace patchbay::embedded {

class TableCatalogue {
 public:
  virtual ~TableCatalogue() = default;

  /// Describes one table. `callback` is called once, on the catalogue's thread. [any thread]
  virtual void describe(TableName name, std::string publication,
                        std::function<void(Result<TableAnswer>)> callback) = 0;
  /// Reads the states of tables, by their oids. `callback` as above. [any thread]
  virtual void states(std::vector<std::uint32_t> tables, std::string publication,
                      std::function<void(Result<std::vector<TableState>>)> callback) = 0;
};

}  // namespace patchbay::embedded
