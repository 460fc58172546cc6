// Requests that wait for their answer, for the main thread only.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "net/http_client.hpp"

namespace patchbay::app {

/// A request without a body. `token`: sent as a bearer token unless empty.
[[nodiscard]] Result<net::HttpResponse> send(net::HttpClient& client, const std::string& method,
                                             const std::string& url, const std::string& token);
[[nodiscard]] Result<net::HttpResponse> get(net::HttpClient& client, const std::string& url,
                                            const std::string& token);

}  // namespace patchbay::app
