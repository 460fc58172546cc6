// How the sync service connects to PostgreSQL: with the settings under which it reads values, for
// statements or as a follower of the log. Threads of the sync service → PgConnection.
#pragma once

#include <cstdint>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "database/pg_connection.hpp"

namespace patchbay::embedded {

enum class ConnectionPurpose : std::uint8_t {
  queries,
  replication,
  raw_replication,  ///< In the encoding of the database, so that no value can fail.
};

/// Connects. All values come as UTF-8 text (from a database without an encoding as the bytes there
/// are) under the settings the protocol names, whatever the defaults of the role or the database.
/// ErrorCode::rejected: the URL is malformed; retry: anything else.
[[nodiscard]] Result<std::unique_ptr<PgConnection>> open_connection(const std::string& database_url,
                                                                    ConnectionPurpose purpose);

}  // namespace patchbay::embedded
