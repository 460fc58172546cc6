// SqlSession: one libpq connection for a test: runs statements, returns text.
// Owned by the test. A statement that fails throws, which fails the test with PostgreSQL's words.
#pragma once

#include <libpq-fe.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace patchbay::test {

class SqlSession {
 public:
  using Row = std::vector<std::optional<std::string>>;

  explicit SqlSession(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) {
      const std::string message = PQerrorMessage(connection_);
      PQfinish(connection_);
      throw std::runtime_error(message);
    }
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
  }
  ~SqlSession() { PQfinish(connection_); }
  SqlSession(const SqlSession&) = delete;
  SqlSession& operator=(const SqlSession&) = delete;

  std::vector<Row> rows(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    const auto status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
      PQclear(result);
      throw std::runtime_error(PQerrorMessage(connection_));
    }
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result)));
    for (int row = 0; row < PQntuples(result); ++row) {
      for (int column = 0; column < PQnfields(result); ++column) {
        auto& cells = rows[static_cast<std::size_t>(row)];
        if (PQgetisnull(result, row, column) != 0) {
          cells.emplace_back();
        } else {
          cells.emplace_back(PQgetvalue(result, row, column));
        }
      }
    }
    PQclear(result);
    return rows;
  }
  void run(const std::string& sql) { (void)rows(sql); }
  /// The first cell of the first row; "" when there is none.
  std::string value(const std::string& sql) {
    const auto found = rows(sql);
    return found.empty() || found[0].empty() ? "" : found[0][0].value_or("");
  }

 private:
  PGconn* connection_;
};

}  // namespace patchbay::test
