#include "embedded/run_sql.hpp"

#include <libpq-fe.h>

#include <memory>

#include "database/pg_connection.hpp"

namespace patchbay::embedded {

Result<void> run_sql(const std::string& database_url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(database_url.c_str()),
                                                                &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return failure(ErrorCode::retry, "The database cannot be reached: " +
                                         one_line(PQerrorMessage(connection.get())) + ".");
  }
  // "already exists, skipping" is expected: not worth a line.
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
    return {};
  }
  return failure(ErrorCode::rejected,
                 "The setup SQL was refused: " + one_line(PQerrorMessage(connection.get())) + ".");
}

}  // namespace patchbay::embedded
