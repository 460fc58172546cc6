#include "app/get.hpp"

#include <future>
#include <utility>

namespace patchbay::app {

Result<net::HttpResponse> send(net::HttpClient& client, net::HttpRequest request) {
  std::promise<Result<net::HttpResponse>> answered;
  client.send(std::move(request),
              [&answered](auto response) { answered.set_value(std::move(response)); });
  return answered.get_future().get();
}

Result<net::HttpResponse> get(net::HttpClient& client, const std::string& url,
                              const std::string& token, std::chrono::milliseconds patience) {
  net::HttpRequest request;
  request.url = url;
  request.connect_timeout = patience;
  request.idle_timeout = patience;
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  return send(client, std::move(request));
}

}  // namespace patchbay::app
