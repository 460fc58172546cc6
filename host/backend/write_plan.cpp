#include "backend/write_plan.hpp"

#include <utility>

#include "backend/payload.hpp"

namespace patchbay::backend {
namespace {

/// Adds the change to the plan. Returns its share of the payload, null when that is not known.
std::optional<std::string> plan_change(const ChangeRequest& change, const Table* table,
                                       Catalogue& catalogue, WritePlan& plan) {
  const auto refused = [&](Refusal refusal) {
    if (!plan.refusal) plan.refusal = std::move(refusal);
  };
  if (table == nullptr) {
    if (!plan.refusal) refused({404, catalogue.why_not(change.table), "", "", ""});
    return std::nullopt;
  }
  auto keyed = key_change(change, *table);
  if (!keyed) {
    refused(std::move(keyed.error()));
    return std::nullopt;
  }
  auto statement = make_statement(*keyed);
  auto lookup = change.kind == OperationKind::update && table->may_suppress_updates
                    ? make_lookup(*keyed).map([](auto made) { return std::optional(made); })
                    : tl::expected<std::optional<ChangeStatement>, Refusal>();
  if (statement && lookup) {
    plan.steps.push_back({change.kind, change.table, std::move(*lookup), std::move(*statement)});
  } else {
    refused(std::move(statement ? lookup.error() : statement.error()));
  }
  return payload_text(*keyed);
}

}  // namespace

SqlResult<WritePlan> make_plan(const WriteRequest& request, Catalogue& catalogue) {
  WritePlan plan;
  plan.refusal = request.refusal;
  bool complete = !request.refusal;
  std::string payload;
  KnownTables tables;  // here also null, for the catalogue forgets unknown ones
  for (const ChangeRequest& change : request.changes) {
    auto [known, is_new] = tables.try_emplace(change.table.exact_text());
    if (is_new) {
      auto table = catalogue.find(change.table);
      if (!table) return tl::make_unexpected(std::move(table.error()));
      known->second = std::move(*table);
    }
    const auto text = plan_change(change, known->second.get(), catalogue, plan);
    complete = complete && text;
    if (text) payload += *text;
  }
  if (complete) plan.payload = payload_digest(payload);
  if (!plan.refusal) plan.tables = std::move(tables);
  return plan;
}

}  // namespace patchbay::backend
