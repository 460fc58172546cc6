// Queries in SQL give what query_match.hpp gives in memory: random rows and queries of all types.
#include <gtest/gtest.h>

#include <filesystem>
#include <patchbay/kit/query_match.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/query_sql.hpp>
#include <random>

#include "immutable/table_sql.hpp"
#include "plugins/plugin_directory.hpp"
#include "plugins/sample_values.hpp"
#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

std::string printed(const Query& query) {
  const TableSchema& table = *query.table;
  std::string text = query.key ? "key " + sim::print(*query.key) + " " : "";
  for (const Condition& one : query.where) {
    text += table.columns[one.column].name + " #" +
            std::to_string(static_cast<int>(one.comparison)) + " '" + one.value + "' ";
  }
  for (const Order& one : query.order) {
    text += "by " + table.columns[one.column].name + (one.descending ? " desc " : " ");
  }
  if (query.after) text += "after " + sim::print(*query.after);
  return text + (query.limit ? " limit " + std::to_string(*query.limit) : "");
}

/// A table in a file of its own, filled with random rows.
class QueryWorld {
 public:
  QueryWorld(std::vector<std::string> key, unsigned seed)
      : random_(seed), schema_(sample_schema(key)), sql_(schema_) {
    sqlite::StoreOptions options;
    options.file = directory_.path() / "rows.db";
    options.application_id = 1;
    options.migrate = [this](SQLite::Database& database, std::uint32_t) {
      database.exec(sql_.create_stage);
    };
    auto opened = sqlite::Store::open(std::move(options), host_);
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
    sqlite::add_collations(store_->database());
    rows_ = sample_rows(schema_, random_, 60);
    const auto filled = store_->write([&] { fill(); });
    if (!filled) throw std::runtime_error(filled.error().message);
  }

  void compare_answers(int queries) {
    for (int at = 0; at < queries; ++at) {
      const Query query = sample_query(schema_, rows_, random_);
      PrintingSink expected;
      answer(query, rows_, expected);
      PrintingSink found;
      const auto read = store_->read([&] {
        sqlite::answer_query(host_, *store_, {sql_.stage, schema_}, query, found);
      });
      ASSERT_TRUE(read) << read.error().message << "\n" << printed(query);
      ASSERT_EQ(found.text(), expected.text()) << printed(query);
    }
  }

 private:
  void fill() {
    for (const RowRef& row : rows_) {
      SQLite::Statement& insert = store_->statement(sql_.put_stage);
      for (std::uint32_t column = 0; column < schema_.columns.size(); ++column) {
        sqlite::bind_cell(insert, static_cast<int>(column) + 1, schema_.columns[column],
                          row->cell(column));
      }
      insert.exec();
    }
  }

  PluginDirectory directory_;
  FakeHost host_;
  std::mt19937 random_;
  const TableSchema& schema_;
  immutable::TableSql sql_;
  std::unique_ptr<sqlite::Store> store_;
  std::vector<RowRef> rows_;
};

TEST(QuerySql, AnswersAsMemoryDoesForEveryTypeOfColumnAndKey) {
  const std::vector<std::vector<std::string>> keys{
      {"int8"},         {"text"},  {"uuid"},         {"numeric"},        {"timestamptz"},
      {"bool", "int4"}, {"bytea"}, {"text", "uuid"}, {"date", "float8"}, {"oid", "int2", "bpchar"}};
  unsigned seed = 0;
  for (const auto& key : keys) {
    SCOPED_TRACE(testing::PrintToString(key));
    QueryWorld(key, ++seed).compare_answers(300);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace patchbay::test
