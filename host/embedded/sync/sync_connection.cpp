#include "embedded/sync/sync_connection.hpp"

#include <array>
#include <utility>

#include "database/database_url.hpp"

namespace patchbay::embedded {
namespace {

constexpr const char* kSettings =
    " -c bytea_output=hex -c DateStyle=ISO,DMY -c TimeZone=UTC -c IntervalStyle=iso_8601"
    " -c extra_float_digits=1 -c search_path= -c row_security=off -c statement_timeout=0"
    " -c idle_in_transaction_session_timeout=0 -c default_transaction_isolation=read\\ committed"
    " -c default_transaction_read_only=off";

constexpr std::array<std::pair<const char*, const char*>, 4> kLiveliness = {
    {{"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "20000"}}};

}  // namespace

Result<std::unique_ptr<PgConnection>> open_connection(const std::string& database_url,
                                                      ConnectionPurpose purpose) {
  auto url = DatabaseUrl::parse(database_url);
  if (!url) return tl::unexpected(url.error());
  url->set("options", url->value("options").value_or("") + kSettings);
  url->set("client_encoding", "UTF8");
  url->set("connect_timeout", "5");
  // A server gone without a word must not keep a statement waiting for hours; the URL may differ.
  for (const auto& [name, value] : kLiveliness) url->set_default(name, value);
  url->set("fallback_application_name", "patchbay sync");
  if (purpose != ConnectionPurpose::queries) url->set("replication", "database");
  auto opened = PgConnection::open(*url);
  if (!opened) {
    return failure(ErrorCode::retry,
                   "PostgreSQL failed at connecting: " + opened.error().message + ".");
  }
  PgConnection& connection = **opened;
  connection.log_notices("sync-service");
  // PostgreSQL fails at a value that is not in the client's encoding, and the stream with it.
  if (purpose == ConnectionPurpose::raw_replication || connection.has_no_encoding()) {
    if (auto raw = connection.take_values_as_they_are(); !raw) return tl::unexpected(raw.error());
  }
  return std::move(*opened);
}

}  // namespace patchbay::embedded
