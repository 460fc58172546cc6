#include "exchange.hpp"

#include <nlohmann/json.hpp>

#include "answer_json.hpp"

namespace patchbay::api {
namespace {

net::HttpResponse json_response(int status, std::string text) {
  net::HttpResponse response{status, {{"Content-Type", "application/json"}}, std::move(text)};
  response.headers.add("Cache-Control", "no-store");
  add_safety_headers(response.headers);
  if (status == 503) response.headers.add("Retry-After", "1");
  return response;
}

}  // namespace

void add_safety_headers(net::HttpHeaders& headers) {
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Cross-Origin-Resource-Policy", "same-origin");
}

int status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::retry:
      return 503;
    case ErrorCode::rejected:
      return 400;
    case ErrorCode::in_doubt:
      return 202;
    case ErrorCode::corrupt:
      return 500;
    case ErrorCode::unsupported:
      return 501;
    case ErrorCode::cancelled:
      return 503;
  }
  return 500;
}

net::HttpResponse error_response(int status, std::string_view code, std::string_view message) {
  return json_response(status, text_of(error_json(code, message)));
}

void Exchange::send_json(int status, const Json& json) const {
  send_json_text(status, text_of(json));
}

void Exchange::send_json_text(int status, std::string text) const {
  reply->send(json_response(status, std::move(text)));
}

void Exchange::send_error(int status, std::string_view code, std::string_view message) const {
  reply->send(error_response(status, code, message));
}

void Exchange::send_error(int status, const Error& error) const {
  send_error(status, to_string(error.code), error.message);
}

bool Exchange::allows(std::string_view allowed) const {
  std::string_view rest = allowed;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(", ");
    if (rest.substr(0, comma) == request->method) return true;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 2);
  }
  net::HttpResponse response = error_response(
      405, "rejected",
      request->method + " is not for " + request->path + "; use " + std::string(allowed) + ".");
  response.headers.add("Allow", std::string(allowed));
  reply->send(std::move(response));
  return false;
}

}  // namespace patchbay::api
