// ShapeRequest: what a GET of /v1/shape asks for, checked. Pure.
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

  /// Offsets of a shape already begun need its handle; the others ignore it.
  [[nodiscard]] bool continues() const {
    return offset.kind == ShapeOffset::Kind::snapshot || offset.kind == ShapeOffset::Kind::log;
  }
};

/// Why a request is answered with 400: a parameter and what is wrong with it.
struct Refusal {
  std::string parameter;
  std::string message;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

[[nodiscard]] tl::expected<ShapeRequest, Refusal> parse_shape_request(
    const net::ServerRequest& request);

/// `name` or `schema.name`, each part quoted or not; what is not quoted is folded to lower case.
[[nodiscard]] tl::expected<TableName, Refusal> parse_table(std::string_view text);
/// Such names joined by commas, in ascending order, each once; none for null.
[[nodiscard]] tl::expected<std::vector<std::string>, Refusal> parse_columns(
    const std::string* text);

}  // namespace patchbay::embedded
