// ShapeListener: hears of everything that may end the wait of a request for a shape.
// ShapeRegistry → WaitingRequests. On the strand of the shapes.
#pragma once

#include <chrono>
#include <string>

#include "embedded/sync/shape_request.hpp"

namespace patchbay::embedded {

class ShapeListener {
 public:
  virtual ~ShapeListener() = default;

  /// The shape was loaded or got changes, or a shape for `key` can be asked for again. [strand]
  virtual void shape_changed(const ShapeKey& key) = 0;
  /// The shape `handle` no longer exists: its followers fetch a new one. [strand]
  virtual void shape_ended(const ShapeKey& key, const std::string& handle) = 0;
  /// No shape can be made for `key`: the request itself is wrong. [strand]
  virtual void shape_refused(const ShapeKey& key, const Refusal& refusal) = 0;
  /// No shape can be made for `key` now: worth a retry after `retry_after`. [strand]
  virtual void shape_unavailable(const ShapeKey& key, const std::string& message,
                                 std::chrono::seconds retry_after) = 0;
  /// The database is followed now, or no longer: see ShapeRegistry::database. [strand]
  virtual void database_changed() = 0;
};

}  // namespace patchbay::embedded
