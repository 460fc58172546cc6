#include "backend/shape_proxy.hpp"

#include <algorithm>
#include <array>
#include <patchbay/kit/ascii.hpp>

#include "backend/answer.hpp"
#include "backend/tuning.hpp"

namespace patchbay::backend {
namespace {

constexpr std::array<std::string_view, 14> kPassed{"live",
                                                   "handle",
                                                   "offset",
                                                   "cursor",
                                                   "expired_handle",
                                                   "log",
                                                   "subset__where",
                                                   "subset__params",
                                                   "subset__limit",
                                                   "subset__offset",
                                                   "subset__order_by",
                                                   "subset__where_expr",
                                                   "subset__order_by_expr",
                                                   "cache-buster"};

constexpr std::array<std::string_view, 9> kReturned{"cache-control",
                                                    "etag",
                                                    "content-type",
                                                    "content-encoding",
                                                    "retry-after",
                                                    "vary",
                                                    "expires",
                                                    "surrogate-control",
                                                    "age"};

constexpr std::string_view kElectric = "electric-";

template <typename List>
bool is_one_of(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool wants_events(const net::ServerRequest& request) {
  for (const char* name : {"live_sse", "experimental_live_sse"}) {
    const std::string* value = net::find_parameter(request.query, name);
    if (value != nullptr && *value == "true") return true;
  }
  return false;
}

net::HttpResponse returned(net::HttpResponse upstream) {
  net::HttpResponse response;
  response.status = upstream.status;
  response.body = std::move(upstream.body);
  for (const auto& [name, value] : upstream.headers.fields()) {
    std::string lower = text::lower_case(name);
    if (lower.substr(0, kElectric.size()) == kElectric || is_one_of(kReturned, lower)) {
      response.headers.add(std::move(lower), value);
    }
  }
  return response;
}

}  // namespace

ShapeProxy::ShapeProxy(net::HttpClient& client, std::string electric_url, std::string secret)
    : client_(client), base_(std::move(electric_url)) {
  const std::size_t query = base_.find('?');
  if (query != std::string::npos) {
    fixed_ = net::parse_query(std::string_view(base_).substr(query + 1));
    base_.resize(query);
  }
  if (!secret.empty()) fixed_.emplace_back("secret", std::move(secret));
}

std::string ShapeProxy::url_for(const Shape& shape, const net::ServerRequest& request) const {
  net::QueryParameters parameters = fixed_;
  for (const auto& parameter : request.query) {
    // A condition on a column that is left out would tell its values.
    const bool reveals = !shape.columns.empty() && parameter.first.starts_with("subset__");
    if (!reveals && is_one_of(kPassed, parameter.first)) parameters.push_back(parameter);
  }
  parameters.emplace_back("table", shape.table.folded_text());
  if (!shape.columns.empty()) parameters.emplace_back("columns", shape.columns);
  return base_ + "?" + net::sorted_query(std::move(parameters));
}

void ShapeProxy::serve(const Shape& shape, const net::ServerRequest& request,
                       net::ServerReply& reply, Answer answer) {
  if (base_.empty()) {
    return answer(error_answer(404, "This backend has no stream: set the URL of Electric."));
  }
  if (wants_events(request)) {
    return answer(
        error_answer(400, "Server-Sent Events are not served here; use live=true alone."));
  }
  net::HttpRequest upstream;
  upstream.url = url_for(shape, request);
  upstream.idle_timeout = kProxyIdleTimeout;
  if (const std::string* tag = request.headers.find("if-none-match")) {
    upstream.headers.add("if-none-match", *tag);
  }
  const auto id = client_.send(std::move(upstream), [answer](Result<net::HttpResponse> response) {
    // The error's own text may show the URL, and with it the secret.
    answer(response ? returned(std::move(*response))
                    : retry_answer("The stream cannot be reached now; repeat the request.",
                                   kRetryAfterSeconds));
  });
  reply.on_closed([&client = client_, id] { client.cancel(id); });
}

}  // namespace patchbay::backend
