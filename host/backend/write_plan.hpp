// WritePlan: the statements that apply a write, made for the tables as the catalogue knows them.
// WriteRequest -> make_plan -> WriteTransaction and SharedTransaction. Values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backend/catalogue.hpp"
#include "backend/outcome.hpp"
#include "backend/statement.hpp"
#include "backend/write_request.hpp"

namespace patchbay::backend {

struct WriteStep {
  OperationKind kind;
  rows::TableName table;
  std::optional<ChangeStatement> lookup;  ///< Then `statement` may leave the row as it is.
  ChangeStatement statement;
};

/// `payload` is null when a table or key is unknown; `refusal` when the tables forbid the write.
struct WritePlan {
  std::vector<WriteStep> steps;
  KnownTables tables;  ///< The tables of the steps; complete where there is no refusal.
  std::optional<std::string> payload;
  std::optional<Refusal> refusal;
};

/// Plans a write. The error: the catalogue could not be read.
[[nodiscard]] SqlResult<WritePlan> make_plan(const WriteRequest& request, Catalogue& catalogue);

}  // namespace patchbay::backend
