// Database: the session of one database thread, with what is read and recorded through it. Tasks of
// WorkerPool, Upkeep and DatabaseProbe -> Database -> PostgreSQL. Opened lazily, so that the next
// request finds a database that was unavailable.
#pragma once

#include <string>
#include <utility>

#include "backend/catalogue.hpp"
#include "backend/outcome_store.hpp"
#include "backend/session.hpp"

namespace patchbay::backend {

struct Database {
  explicit Database(std::string url)
      : session(std::move(url)), catalogue(session), store(session) {}

  /// Connects where needed and creates the schema patchbay where it is missing. Blocks.
  SqlResult<void> ready() {
    auto opened = session.open();
    if (!opened) return tl::make_unexpected(std::move(opened.error()));
    if (!*opened) return {};
    auto prepared = store.prepare();
    if (!prepared) session.close();
    return prepared;
  }

  Session session;
  Catalogue catalogue;
  OutcomeStore store;
};

}  // namespace patchbay::backend
