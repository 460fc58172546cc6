// Shapes, batches and files for the tests of the shape cache. Tests -> here.
#pragma once

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "electric/shape_log.hpp"
#include "hub/shape_rows.hpp"
#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"

namespace patchbay::test {

/// A directory of its own, removed at the end.
class CacheDirectory {
 public:
  CacheDirectory() {
    std::string name = "/tmp/patchbay-cache-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~CacheDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  CacheDirectory(const CacheDirectory&) = delete;
  CacheDirectory& operator=(const CacheDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  /// The names in it, sorted, the seconds in them shown as "*".
  [[nodiscard]] std::string names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      std::string name = entry.path().filename();
      const auto stamp = name.find("-1");
      if (stamp != std::string::npos) name.replace(stamp + 1, 10, "*");
      names.push_back(name);
    }
    std::ranges::sort(names);
    std::string line;
    for (const std::string& name : names) line += (line.empty() ? "" : " ") + name;
    return line;
  }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void put_contents(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

[[nodiscard]] inline const TableSchema& cached_schema() {
  return rows::intern_schema(
      {"items",
       {{"id", "int4", 0, true}, {"tags", "text", 1, false}, {"title", "text", 0, true}},
       {0}});
}
[[nodiscard]] inline Change cached_row(const std::string& id, const std::string& title) {
  const std::array<Cell, 3> cells{Cell::of(id), Cell::null(), Cell::of(title)};
  return {rows::make_row(cached_schema(), cells), false};
}
[[nodiscard]] inline Change gone_row(const std::string& id) {
  Change change = cached_row(id, "gone");
  change.gone = true;
  return change;
}
[[nodiscard]] inline StreamBatch cached_batch(const std::string& offset,
                                              std::vector<Change> changes, bool reset = false) {
  StreamBatch batch;
  batch.table = &cached_schema();
  batch.reset = reset;
  batch.changes = std::move(changes);
  batch.handle = "h";
  batch.offset = offset;
  return batch;
}

/// "h@5_0 | 1:one 2:two"; "nothing"; or "error: …".
[[nodiscard]] inline std::string print_loaded(Result<std::optional<electric::ShapeBatch>> loaded) {
  if (!loaded) return "error: " + loaded.error().message;
  if (!*loaded) return "nothing";
  const electric::ShapeBatch& batch = **loaded;
  ShapeRows rows;
  const auto changes = rows.apply(batch);
  if (!changes) return "error: " + changes.error().message;
  std::vector<std::string> printed;
  for (const Change& change : *changes) {
    const Row& row = *change.row;
    printed.push_back(std::string(row.cell(0).text) + ":" + std::string(row.cell(2).text));
    if (!row.cell(1).is_null()) printed.back() += "?";
  }
  std::ranges::sort(printed);
  std::string line = batch.handle + "@" + batch.offset + " |";
  for (const std::string& row : printed) line += " " + row;
  return line;
}

}  // namespace patchbay::test
