// Routes: the action that a method and a path ask for. HTTP request -> find_route -> Service, which
// carries out the action. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::backend {

enum class Action : std::uint8_t {
  read_stream,   ///< GET /<table>
  insert,        ///< POST /<table>
  update,        ///< PUT /<table>/<key…>
  remove,        ///< DELETE /<table>/<key…>
  changes,       ///< POST /changes
  read_outcome,  ///< GET /writes/<write_id>
  void_write,    ///< DELETE /writes/<write_id>
  health,        ///< GET /health
  ready,         ///< GET /ready
  metrics,       ///< GET /metrics
  openapi,       ///< GET /openapi.json
  preflight,     ///< OPTIONS, any path
  wrong_method,  ///< The path exists, not with this method: 405 with `allow`.
  not_found,     ///< No such path: 404.
};

/// Shape: `table` for the four table actions; `key` for update and remove, and the write_id of
/// read_outcome and void_write; all decoded.
struct Route {
  Action action = Action::not_found;
  std::string table;
  std::vector<std::string> key;
  std::string allow;
};

/// Finds the action. `segments`: the path split at '/', each part decoded. HEAD is read as GET.
[[nodiscard]] Route find_route(std::string_view method, const std::vector<std::string>& segments);

/// Whether the name is a route of its own and so cannot be a table.
[[nodiscard]] bool is_reserved(std::string_view name) noexcept;

/// The action's name in metrics.
[[nodiscard]] std::string_view name_of(Action action) noexcept;

}  // namespace patchbay::backend
