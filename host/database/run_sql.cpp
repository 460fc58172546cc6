#include "database/run_sql.hpp"

#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>

#include "database/database_url.hpp"
#include "database/pg_connection.hpp"

namespace patchbay {

Result<void> run_sql(const std::string& database_url, const std::string& sql) {
  auto url = DatabaseUrl::parse(database_url);
  if (!url) return tl::unexpected(url.error());
  // Without the notices that something "already exists, skipping", which is what is wanted.
  url->set("options", url->value("options").value_or("") + " -c client_min_messages=error");
  try {
    pqxx::connection connection(url->text());
    pqxx::nontransaction(connection).exec(sql);
    return {};
  } catch (const pqxx::broken_connection& error) {
    return failure(ErrorCode::retry,
                   "The database cannot be reached: " + one_line(error.what()) + ".");
  } catch (const std::exception& error) {
    return failure(ErrorCode::rejected,
                   "The setup SQL was refused: " + one_line(error.what()) + ".");
  }
}

}  // namespace patchbay
