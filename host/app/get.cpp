#include "app/get.hpp"

#include <future>
#include <utility>

namespace patchbay::app {

Result<net::HttpResponse> send(net::HttpClient& client, const std::string& method,
                               const std::string& url, const std::string& token,
                               const std::string& json) {
  net::HttpRequest request;
  request.method = method;
  request.url = url;
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  if (!json.empty()) request.headers.add("Content-Type", "application/json");
  request.body = json;
  std::promise<Result<net::HttpResponse>> answered;
  client.send(std::move(request),
              [&answered](auto response) { answered.set_value(std::move(response)); });
  return answered.get_future().get();
}

Result<net::HttpResponse> get(net::HttpClient& client, const std::string& url,
                              const std::string& token) {
  return send(client, "GET", url, token);
}

}  // namespace patchbay::app
