// Runs SQL once on a database, for the tables a private PostgreSQL starts with. Blocks.
#pragma once

#include <patchbay/result.hpp>
#include <string>

namespace patchbay::embedded {

/// Runs one or several statements in one transaction. ErrorCode::rejected: the server refused, the
/// message is the server's; retry: the database cannot be reached.
Result<void> run_sql(const std::string& database_url, const std::string& sql);

}  // namespace patchbay::embedded
