#include "answer_json.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <patchbay/kit/operation_name.hpp>

#include "runtime/module_description.hpp"

namespace patchbay::api {
namespace {

Json cell_json(const Column& column, const Cell& cell) {
  if (!cell.is_text()) return nullptr;
  const bool is_boolean = column.type == "bool" && column.dimensions == 0;
  if (is_boolean && (cell.text == "true" || cell.text == "false")) return cell.text == "true";
  return std::string(cell.text);
}

std::string_view rule_name(ConfirmationRule rule) noexcept {
  static constexpr std::array<std::string_view, 6> kNames = {"",         "txid", "write_id",
                                                             "snapshot", "lsn",  "no_shape"};
  return kNames.at(static_cast<std::size_t>(rule));
}

std::string_view stream_state_name(StreamState state) noexcept {
  static constexpr std::array<std::string_view, 4> kNames = {"connecting", "live", "retrying",
                                                             "stopped"};
  return kNames.at(static_cast<std::size_t>(state));
}

Json operation_json(const Operation& operation) {
  Json json{{"operation", operation_name(operation.kind)},
            {"table", operation.table().name},
            {"key", cells_json(*operation.key, Cells::key)}};
  if (operation.set) json["value"] = cells_json(*operation.set, Cells::present);
  return json;
}

}  // namespace

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json cells_json(const Row& row, Cells which) {
  Json json = Json::object();
  const TableSchema& schema = row.schema();
  if (which == Cells::key) {
    for (const std::uint32_t column : schema.key) {
      json[schema.columns[column].name] = cell_json(schema.columns[column], row.cell(column));
    }
    return json;
  }
  for (std::uint32_t column = 0; column < schema.columns.size(); ++column) {
    const Cell cell = row.cell(column);
    if (which == Cells::present && cell.is_absent()) continue;
    json[schema.columns[column].name] = cell_json(schema.columns[column], cell);
  }
  return json;
}

Json rejection_json(const Rejection& rejection) {
  Json json{{"status", rejection.status},
            {"message", rejection.message},
            {"code", rejection.code},
            {"constraint", rejection.constraint},
            {"column", rejection.column}};
  if (!rejection.because_of.is_nil()) json["because_of"] = rejection.because_of.text();
  return json;
}

Json write_json(const std::string& instance, const WriteStatus& write, Operations which) {
  Json json{{"write_id", write.id.text()},
            {"pattern", instance},
            {"sequence", write.sequence},
            {"state", state_name(write.state)},
            {"in_doubt", write.in_doubt}};
  if (write.rule != ConfirmationRule::none) json["rule"] = rule_name(write.rule);
  if (write.state == WriteState::rejected || write.state == WriteState::discarded) {
    json["rejection"] = rejection_json(write.rejection);
  }
  json["operations_count"] = write.operations.size();
  Json& operations = json["operations"] = Json::array();
  for (const Operation& operation : write.operations) {
    operations.push_back(operation_json(operation));
    if (which == Operations::first) break;
  }
  return json;
}

Json pattern_json(const PatternStatus& status) {
  return Json{
      {"pattern", status.instance},
      {"id", status.id},
      {"version", status.version},
      {"description", status.description},
      {"module", status.module},
      {"traits", trait_names(status.traits)},
      {"tables", status.tables},
      {"files", status.files},
      {"state", to_string(status.state)},
      {"reason", status.reason},
      {"writes_unfinished", status.writes_unfinished},
      {"writes_rejected", status.writes_rejected},
      {"queue", {{"state", to_string(status.queue_state)}, {"reason", status.queue_reason}}}};
}

Json stream_json(const StreamStatus& status) {
  return Json{{"table", status.table},
              {"state", stream_state_name(status.state)},
              {"reason", status.reason}};
}

Json error_json(std::string_view code, std::string_view message) {
  return Json{{"error", {{"code", code}, {"message", message}}}};
}

std::string_view state_name(WriteState state) noexcept {
  static constexpr std::array<std::string_view, 7> kNames = {
      "submitted", "accepted", "sending", "acknowledged", "confirmed", "rejected", "discarded"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string without_credentials(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url.empty() ? "" : "(set)";
  // A password may hold a raw '/', '?' or '#', so the last '@' ends it wherever it stands.
  const std::size_t at = url.rfind('@');
  const std::string place = url.substr(at == std::string::npos ? scheme + 3 : at + 1);
  return url.substr(0, scheme + 3) + place.substr(0, place.find_first_of("?#"));
}

}  // namespace patchbay::api
