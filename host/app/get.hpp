// Requests that wait for their answer, for the main thread only.
#pragma once

#include <chrono>
#include <patchbay/result.hpp>
#include <string>

#include "net/http_client.hpp"

namespace patchbay::app {

[[nodiscard]] Result<net::HttpResponse> send(net::HttpClient& client, net::HttpRequest request);
/// Asks for `url` and waits. `token`: sent as a bearer token unless empty. `patience`: the longest
/// wait for the connection, and for the answer.
[[nodiscard]] Result<net::HttpResponse> get(net::HttpClient& client, const std::string& url,
                                            const std::string& token,
                                            std::chrono::milliseconds patience);

}  // namespace patchbay::app
