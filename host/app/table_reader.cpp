#include "app/table_reader.hpp"

#include <atomic>
#include <utility>

#include "backend/exposed_table.hpp"
#include "backend/session.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::app {

struct TableReader::State {
  explicit State(const std::string& database_url) : session(database_url) {}

  Result<electric::TableFacts> read(const backend::ExposedTable& table);

  backend::Session session;
  backend::Catalogue catalogue{session};
  OwnThread thread;  // ends first
};

Result<electric::TableFacts> TableReader::State::read(const backend::ExposedTable& table) {
  const auto found = session.open()
                         .and_then([&](bool) { return catalogue.refresh(table.name); })
                         .and_then([&](bool) { return catalogue.find(table.name); });
  if (!found) return failure(ErrorCode::retry, found.error().message);
  if (!*found) return failure(ErrorCode::rejected, "there is no such table with a primary key");
  const backend::Table shown = table.shown(**found);
  electric::TableFacts facts;
  if (!table.columns_except.empty()) facts.columns = backend::column_list(shown);
  for (const backend::TableColumn& column : shown.columns) {
    if (!column.base_type.empty()) facts.base_types.emplace(column.name, column.base_type);
  }
  return facts;
}

TableReader::TableReader(const std::string& database_url)
    : state_(std::make_unique<State>(database_url)) {}

TableReader::~TableReader() {
  state_->session.sever();
}

electric::TableLook TableReader::look_at(const std::string& table,
                                         const std::vector<std::string>& except) {
  const auto name = rows::TableName::parse(table, rows::BareParts::folded);
  if (!name) return {};
  const auto waits = std::make_shared<std::atomic<bool>>(false);
  return [this, waits, exposed = backend::ExposedTable{*name, except, {}}](auto callback) {
    // One at a time: a database that hangs gets no queue.
    if (waits->exchange(true)) {
      return callback(failure(ErrorCode::retry, "the database has not answered before"));
    }
    state_->thread.executor().post([state = state_.get(), waits, exposed, callback] {
      auto facts = state->read(exposed);
      *waits = false;
      callback(std::move(facts));
    });
  };
}

}  // namespace patchbay::app
