// ModuleRoutes: the requests that load and end modules: swaps, additions, removals, and the list of
// plugins. RequestRouter -> token and request checked -> the app's hooks -> answer. On the API's
// strand; owned by the RequestRouter.
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

  /// Answers the request, now or later, and returns true; false if it is none of these.
  [[nodiscard]] bool serve(const Exchange& exchange);

 private:
  void swap(const Exchange& exchange);
  void add(const Exchange& exchange);
  void remove(const Exchange& exchange);
  /// Answers with the refusal and returns false if the request lacks the token.
  [[nodiscard]] bool may(const Exchange& exchange) const;
  [[nodiscard]] bool runs(const Exchange& exchange) const;
  [[nodiscard]] ApiHooks::Answer answer(const Exchange& exchange) const;

  const ApiOptions& options_;
  const StatusBoard& board_;
  ApiPoster poster_;
};

}  // namespace patchbay::api
