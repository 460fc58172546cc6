// ShapeRequest: the parameters of a GET of /v1/shape, read and checked. HttpServer → ShapeRequests.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "embedded/sync/shape_offset.hpp"
#include "embedded/sync/shape_store.hpp"
#include "net/http_server.hpp"

namespace patchbay::embedded {

struct ShapeRequest {
  ShapeKey key;
  ShapeOffset offset;
  std::string handle;
  bool live = false;
  std::optional<std::int64_t> cursor;
  std::string if_none_match;

  /// True for the offset of a client that has a part of the shape: such a request needs the handle,
  /// the others ignore it.
  [[nodiscard]] bool continues() const {
    return offset.kind == ShapeOffset::Kind::snapshot || offset.kind == ShapeOffset::Kind::log;
  }
};

/// The reason of an answer with 400: a parameter and what is wrong with it.
struct Refusal {
  std::string parameter;
  std::string message;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

[[nodiscard]] tl::expected<ShapeRequest, Refusal> parse_shape_request(
    const net::ServerRequest& request);

/// Reads `name` or `schema.name`, each part quoted or not; parts without quotes are folded to lower
/// case.
[[nodiscard]] tl::expected<TableName, Refusal> parse_table(std::string_view text);
/// Reads names joined by commas; returns them in ascending order, each once; none for null.
[[nodiscard]] tl::expected<std::vector<std::string>, Refusal> parse_columns(
    const std::string* text);

}  // namespace patchbay::embedded
