// Runs a script of SQL once: the tables a private PostgreSQL starts with. App → run_sql →
// PostgreSQL. Blocks. With run_sql.cpp the only user of libpqxx, whose exceptions end here.
#pragma once

#include <patchbay/result.hpp>
#include <string>

namespace patchbay {

/// Runs one or several statements in one transaction. ErrorCode::rejected: the server refused, the
/// message is the server's; retry: the database cannot be reached.
Result<void> run_sql(const std::string& database_url, const std::string& sql);

}  // namespace patchbay
