#include "app/database_verb.hpp"

#include <iostream>

#include "app/check_config.hpp"
#include "backend/outcome_store.hpp"
#include "backend/session.hpp"
#include "embedded/sync/database_objects.hpp"
#include "embedded/sync/database_report.hpp"
#include "embedded/sync/slot_setup.hpp"

namespace patchbay::app {
namespace {

using Action = cli::DatabaseCommand::Action;

Result<void> check(cli::Command& command) {
  if (command.database.action == Action::none) {
    return failure(ErrorCode::rejected,
                   "What to do with the database is missing; give prepare, inspect or remove.");
  }
  if (command.config.database_url.empty()) {
    return failure(ErrorCode::rejected,
                   "Which database is missing; give --database-url. A private PostgreSQL is looked "
                   "after by `patchbay run` itself.");
  }
  return check_urls(command.config)
      .and_then([&] { return embedded::check_slot_name(command.config.sync_slot); })
      .and_then([&] { return canonicalise_tables(command.config); });
}

Result<void> make_schema(const std::string& database_url) {
  backend::Session session(database_url);
  backend::OutcomeStore outcomes(session);
  auto made = session.open().and_then([&](bool) { return outcomes.prepare(); }).and_then([&] {
    return outcomes.check();
  });
  if (!made) return failure(ErrorCode::retry, made.error().message);
  return {};
}

Result<std::string> prepare(const embedded::DatabasePlace& place) {
  const auto before = embedded::inspect_database(place);
  if (!before) return tl::unexpected(before.error());
  auto done =
      make_schema(place.database_url).and_then([&] { return embedded::prepare_database(place); });
  const auto after = embedded::inspect_database(place);
  if (!after) return tl::unexpected(done ? after.error() : done.error());
  std::string said = embedded::what_was_made(*before, *after);
  if (done) return said;
  std::cout << said << std::flush;
  return tl::unexpected(done.error());
}

Result<std::string> inspect(const embedded::DatabasePlace& place, bool json) {
  const auto there = embedded::inspect_database(place);
  if (!there) return tl::unexpected(there.error());
  return json ? embedded::as_json(*there) : embedded::as_text(*there);
}

Result<std::string> remove(const embedded::DatabasePlace& place, bool by_force) {
  const auto before = embedded::inspect_database(place);
  if (!before) return tl::unexpected(before.error());
  const auto done = embedded::remove_from_database(place, by_force);
  if (!done) return tl::unexpected(done.error());
  const auto after = embedded::inspect_database(place);
  if (!after) return tl::unexpected(after.error());
  return embedded::what_was_removed(*before, *after);
}

}  // namespace

Result<std::string> run_database_verb(cli::Command command) {
  if (auto checked = check(command); !checked) return tl::unexpected(checked.error());
  const Config& config = command.config;
  const embedded::DatabasePlace place{config.database_url, config.sync_slot, config.tables};
  switch (command.database.action) {
    case Action::prepare:
      return prepare(place);
    case Action::remove:
      return remove(place, command.database.force);
    default:
      return inspect(place, command.json);
  }
}

}  // namespace patchbay::app
