// ModuleRoutes: what loads and ends modules: swap, new patterns, removals, and the plugins there
// are. Desk -> token and request checked -> the app's hooks -> answer. On the API's strand; owned
// by the desk.
#pragma once

#include "api_server.hpp"
#include "exchange.hpp"
#include "loop.hpp"
#include "status_board.hpp"

namespace patchbay::api {

class ModuleRoutes {
 public:
  ModuleRoutes(const ApiOptions& options, const StatusBoard& board, ApiPoster poster)
      : options_(options), board_(board), poster_(std::move(poster)) {}

  /// True when the request is one of these, and is answered, now or later.
  [[nodiscard]] bool serve(const Exchange& exchange);

 private:
  void swap(const Exchange& exchange);
  void add(const Exchange& exchange);
  void remove(const Exchange& exchange);
  /// False, and answered, when the request lacks the token.
  [[nodiscard]] bool may(const Exchange& exchange) const;
  [[nodiscard]] bool runs(const Exchange& exchange) const;
  [[nodiscard]] ApiHooks::Answer answer(const Exchange& exchange) const;

  const ApiOptions& options_;
  const StatusBoard& board_;
  ApiPoster poster_;
};

}  // namespace patchbay::api
