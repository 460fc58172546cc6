#include "embedded/sync/database_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace patchbay::embedded {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTick = R"("patchbay"."tick")";  // goes with its schema

std::string slot_line(const DatabaseObjects& there) {
  if (!there.has_slot) return "not there";
  return std::string(there.slot_in_use ? "in use" : "not in use") + ", plugin " + there.plugin +
         ", database " + there.database + ", " + std::to_string(there.bytes_behind) +
         " bytes behind, " + std::to_string(there.log_bytes_held) + " bytes of log held";
}

std::string table_line(const FollowedTable& table) {
  if (!table.identity) return "not there";
  return std::string(table.published ? "published" : "not published") + ", REPLICA IDENTITY " +
         std::string(to_string(*table.identity)) + (table.configured ? "" : ", not configured");
}

std::string line(const std::string& what, const std::string& said) {
  return what + ": " + said + "\n";
}

std::string made(bool before, bool after) {
  return before ? "was there" : after ? "made" : "not there";
}

bool has_kept(const DatabaseObjects& there, const char* name) {
  return std::ranges::find(there.kept, name, &KeptTable::name) != there.kept.end();
}

bool is_followed(const FollowedTable& table) {
  return table.published && table.identity == ReplicaIdentity::full;
}

bool is_followed(const DatabaseObjects& there, const std::string& name) {
  const auto found = std::ranges::find(there.tables, name, &FollowedTable::name);
  return found != there.tables.end() && is_followed(*found);
}

std::string removed(bool before, bool after) {
  return !before ? "was not there" : after ? "is still there, for others use it" : "removed";
}

}  // namespace

std::string as_text(const DatabaseObjects& there) {
  std::string said =
      line("slot " + there.name, slot_line(there)) +
      line("publication " + there.name, there.has_publication ? "there" : "not there");
  for (const FollowedTable& table : there.tables) {
    said += line("table " + table.name, table_line(table));
  }
  said += line("schema patchbay", there.has_schema ? "there" : "not there");
  for (const KeptTable& table : there.kept) {
    said += line("table patchbay." + table.name,
                 std::to_string(table.rows) + " rows, " + std::to_string(table.bytes) + " bytes");
  }
  return said;
}

std::string as_json(const DatabaseObjects& there) {
  Json slot{{"name", there.name}, {"exists", there.has_slot}};
  if (there.has_slot) {
    slot.update({{"active", there.slot_in_use},
                 {"plugin", there.plugin},
                 {"database", there.database},
                 {"bytes_behind", there.bytes_behind},
                 {"log_bytes_held", there.log_bytes_held}});
  }
  Json tables = Json::array();
  for (const FollowedTable& table : there.tables) {
    Json one{{"table", table.name}, {"exists", table.identity.has_value()}};
    one["configured"] = table.configured;
    one["published"] = table.published;
    if (table.identity) one["replica_identity"] = to_string(*table.identity);
    tables.push_back(std::move(one));
  }
  Json kept = Json::array();
  for (const KeptTable& table : there.kept) {
    kept.push_back({{"table", table.name}, {"rows", table.rows}, {"bytes", table.bytes}});
  }
  const Json all{
      {"slot", slot},
      {"publication", Json{{"name", there.name}, {"exists", there.has_publication}}},
      {"tables", tables},
      {"schema", Json{{"name", "patchbay"}, {"exists", there.has_schema}, {"tables", kept}}}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string what_was_made(const DatabaseObjects& before, const DatabaseObjects& after) {
  const bool kept_before = has_kept(before, "outcomes") && has_kept(before, "tick");
  const bool kept_after = has_kept(after, "outcomes") && has_kept(after, "tick");
  std::string said =
      line("schema patchbay", after.has_schema && !kept_after
                                  ? "there, without the tables that the backend makes"
                                  : made(kept_before, kept_after)) +
      line("publication " + after.name, made(before.has_publication, after.has_publication)) +
      line("slot " + after.name, made(before.has_slot, after.has_slot));
  for (const FollowedTable& table : after.tables) {
    if (!table.configured) continue;
    const bool was = is_followed(before, table.name);
    said += line("table " + table.name, was ? "was published with REPLICA IDENTITY FULL"
                                        : is_followed(table)
                                            ? "is published now, with REPLICA IDENTITY FULL"
                                            : table_line(table));
  }
  return said;
}

std::string what_was_removed(const DatabaseObjects& before, const DatabaseObjects& after) {
  std::string said =
      line("slot " + before.name, removed(before.has_slot, after.has_slot)) +
      line("publication " + before.name, removed(before.has_publication, after.has_publication)) +
      line("schema patchbay", removed(before.has_schema, after.has_schema));
  std::string back;
  for (const FollowedTable& table : before.tables) {
    if (table.identity != ReplicaIdentity::full || table.name == kTick) continue;
    back += "  ALTER TABLE " + table.name + " REPLICA IDENTITY DEFAULT;\n";
  }
  if (back.empty()) return said;
  return said + "REPLICA IDENTITY FULL stays, for others may need it. To set it back:\n" + back;
}

}  // namespace patchbay::embedded
