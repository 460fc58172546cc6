#include "app/get.hpp"

#include <future>
#include <utility>

namespace patchbay::app {
namespace {

Result<net::HttpResponse> answer_to(net::HttpRequest request, net::HttpClient& client) {
  std::promise<Result<net::HttpResponse>> answered;
  client.send(std::move(request),
              [&answered](auto response) { answered.set_value(std::move(response)); });
  return answered.get_future().get();
}

}  // namespace

Result<net::HttpResponse> send(net::HttpClient& client, const std::string& method,
                               const std::string& url, const std::string& token,
                               const std::string& json) {
  net::HttpRequest request;
  request.method = method;
  request.url = url;
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  if (!json.empty()) request.headers.add("Content-Type", "application/json");
  request.body = json;
  return answer_to(std::move(request), client);
}

Result<net::HttpResponse> get(net::HttpClient& client, const std::string& url,
                              const std::string& token, std::chrono::milliseconds patience) {
  net::HttpRequest request;
  request.url = url;
  request.connect_timeout = patience;
  request.idle_timeout = patience;
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  return answer_to(std::move(request), client);
}

}  // namespace patchbay::app
