// How a write travels to the backend: method, path and JSON text, no library.
// Write -> REST route or an element of POST /changes. Pure values; used by the REST gateway.
#pragma once

#include <string>
#include <string_view>

#include "write/gateway.hpp"

namespace patchbay {

struct BackendCall {
  std::string method;
  std::string path;  ///< Below the base URL, percent-encoded.
  std::string body;  ///< JSON, or "".
};

/// True when the write can go by its REST route: one operation, and nothing in it that a path or
/// the marks beside the columns would hide.
[[nodiscard]] bool has_rest_route(const Write& write);
/// POST /<table>, PUT or DELETE /<table>/<key…>. Only for writes with a REST route.
[[nodiscard]] BackendCall rest_call(const OutgoingWrite& outgoing);
/// One element of POST /changes; its id is the write_id.
[[nodiscard]] std::string changes_element(const OutgoingWrite& outgoing);
}  // namespace patchbay
