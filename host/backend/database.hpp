// Database: what one database thread owns. Opened lazily, so that a database that was away is found
// again by the next request.
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

  /// Connects where needed and makes sure of the schema patchbay. Blocks.
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
