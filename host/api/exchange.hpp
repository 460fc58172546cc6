// Exchange: one request and the reply to it, with the few forms an answer of the API takes.
// HTTP server -> routes. A value: copied into the callbacks that answer later, from any thread.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace patchbay::api {

struct Exchange {
  std::shared_ptr<const net::ServerRequest> request;
  std::shared_ptr<net::ServerReply> reply;

  void send_json(int status, const nlohmann::ordered_json& json) const;
  /// Sends JSON that is text already.
  void send_json_text(int status, std::string text) const;
  void send_error(int status, std::string_view code, std::string_view message) const;
  void send_error(int status, const Error& error) const;
  /// Answers with 405 and returns false if the method is not one of `allowed` ("GET, POST").
  [[nodiscard]] bool allows(std::string_view allowed) const;
};

/// The HTTP status of an operating error when nothing more is known.
[[nodiscard]] int status_of(ErrorCode code) noexcept;

/// An error answer of the API's form; also for those the server itself gives.
[[nodiscard]] net::HttpResponse error_response(int status, std::string_view code,
                                               std::string_view message);

/// The fields every answer carries.
void add_safety_headers(net::HttpHeaders& headers);

}  // namespace patchbay::api
