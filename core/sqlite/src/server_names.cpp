#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/sqlite/server_names.hpp>
#include <set>

namespace patchbay::sqlite {
namespace {

/// Why SQLite cannot have these names, as the end of a sentence; "" when it can. SQLite does not
/// tell upper from lower case in names.
std::string wrong_name(const TableSchema& schema, std::span<const std::string> own_columns) {
  const std::string table = text::lower_case(schema.name);
  if (table.starts_with("patchbay_") || table.starts_with("sqlite_")) {
    return "names that begin with patchbay_ or sqlite_ are taken; rename the server's table";
  }
  const std::set<std::string> own(own_columns.begin(), own_columns.end());
  std::set<std::string> names;
  for (const Column& column : schema.columns) {
    const std::string name = text::lower_case(column.name);
    if (own.contains(name)) {
      return "its column \"" + column.name +
             "\" has a name that the pattern needs for a column of its own; rename the server's";
    }
    if (!names.insert(name).second) {
      return "its column \"" + column.name +
             "\" differs from another one only in case, which SQLite does not tell apart; rename "
             "one";
    }
  }
  return {};
}

}  // namespace

std::string cannot_be_synced(const std::filesystem::path& file, const std::string& table,
                             const std::string& why) {
  return "The table \"" + table + "\" in " + file.string() + " cannot be synced: " + why + ".";
}

void refuse_names(const Store& store, const TableSchema& schema,
                  std::span<const std::string> own_columns) {
  const std::string wrong = wrong_name(schema, own_columns);
  if (wrong.empty()) return;
  throw Refused{{ErrorCode::rejected, cannot_be_synced(store.file(), schema.name, wrong)}};
}

}  // namespace patchbay::sqlite
