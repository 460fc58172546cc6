#include "refused_changes.hpp"

#include <algorithm>
#include <patchbay/kit/fold.hpp>
#include <set>
#include <utility>

namespace patchbay::sqlite {
namespace {

std::string refusal_of(const Column& column, const Cell& cell) {
  if (!cell.is_text()) return {};
  const std::string name = "its column \"" + column.name + "\"";
  if (cell.text.find('\0') != std::string_view::npos) {
    return name + " holds the character U+0000, which PostgreSQL cannot store";
  }
  const bool boolean = column.type == "bool" && column.dimensions == 0;
  if (!boolean || cell.text == "true" || cell.text == "false") return {};
  return name + " takes true or false only";
}

std::string refusal_of(const Row& row) {
  const std::vector<Column>& columns = row.schema().columns;
  for (std::uint32_t at = 0; at < columns.size(); ++at) {
    std::string why = refusal_of(columns[at], row.cell(at));
    if (!why.empty()) return why;
  }
  return {};
}

/// The refused changes, and what shares a row with one of these.
std::vector<bool> set_apart(Host& host, const std::vector<LocalChange>& changes) {
  std::vector<bool> apart(changes.size());
  std::set<RowName> rows;
  const auto is_there = [&rows](const TouchedRow& row) { return rows.contains(row.name); };
  for (bool more = true; more;) {
    more = false;
    for (std::size_t at = 0; at < changes.size(); ++at) {
      if (apart[at]) continue;
      const std::vector<TouchedRow> touched = touched_rows(host, changes[at].operation);
      if (changes[at].refusal.empty() && std::ranges::none_of(touched, is_there)) continue;
      apart[at] = more = true;
      for (const TouchedRow& row : touched) rows.insert(row.name);
    }
  }
  return apart;
}

}  // namespace

std::string refusal_of(const Operation& operation) {
  const std::string of_key = refusal_of(*operation.key);
  return of_key.empty() && operation.set ? refusal_of(*operation.set) : of_key;
}

std::vector<LocalWrite> set_apart_refused(Host& host, std::vector<LocalWrite> found) {
  std::vector<LocalWrite> all;
  for (LocalWrite& one : found) {
    const auto first = std::ranges::find_if(
        one.changes, [](const LocalChange& change) { return !change.refusal.empty(); });
    const bool whole = first == one.changes.end() || one.extent != Extent::several ||
                       !one.refusal.empty();
    if (whole) {
      if (one.refusal.empty() && first != one.changes.end()) one.refusal = first->refusal;
      all.push_back(std::move(one));
      continue;
    }
    LocalWrite rest;
    LocalWrite refused;
    refused.refusal = first->refusal;
    const std::vector<bool> apart = set_apart(host, one.changes);
    for (std::size_t at = 0; at < apart.size(); ++at) {
      (apart[at] ? refused : rest).changes.push_back(std::move(one.changes[at]));
    }
    if (!rest.changes.empty()) all.push_back(std::move(rest));
    all.push_back(std::move(refused));
  }
  return all;
}

}  // namespace patchbay::sqlite
