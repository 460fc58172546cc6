// Small decisions of the wiring, apart so that they can be read and tested alone. Pure but for
// reading files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <patchbay/result.hpp>
#include <string>

#include "backend/backend.hpp"
#include "config/config.hpp"
#include "embedded/sync_service.hpp"

namespace patchbay::app {

/// The SQL to run on a private PostgreSQL: the configured file, or what makes the default table.
[[nodiscard]] Result<std::string> read_setup_sql(const Config& config);
/// "http://host:port" or a full shape endpoint -> the shape endpoint; a query stays behind it.
[[nodiscard]] std::string shape_url(const std::string& electric_url);
/// URL of a part of this host that listens there; one that listens everywhere is on loopback too.
[[nodiscard]] std::string url_of(const std::string& address, std::uint16_t port);
/// The URLs and table names that can be judged without asking anybody.
[[nodiscard]] Result<void> check_places(const Config& config);
/// Gives the backend and the sync service that the host runs itself the secrets that nobody gave
/// them, unless pages of other origins are to use them.
[[nodiscard]] Result<void> make_secrets(Config& config);
/// Keeps what is secret in the configuration out of the log and of what is printed.
void hide_secrets(const Config& config);
/// Spells every table as the process compares it. ErrorCode::rejected: a name of no table.
[[nodiscard]] Result<void> canonicalise_tables(Config& config);
/// What the configuration leaves out of the table, in ascending order.
[[nodiscard]] std::vector<std::string> columns_except(const Config& config,
                                                      const std::string& table);
/// A database's URL, checked before, fit to be shown.
[[nodiscard]] std::string without_password(const std::string& url);
[[nodiscard]] backend::BackendOptions backend_options(const Config& config);
/// All but where it leaves its shapes.
[[nodiscard]] embedded::SyncOptions sync_options(const Config& config);

}  // namespace patchbay::app
