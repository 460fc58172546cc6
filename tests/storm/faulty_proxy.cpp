#include "storm/faulty_proxy.hpp"

#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr std::size_t kBodyBytesMax = 16U << 20U;

net::HttpResponse page(int status) {
  return {status, {{"content-type", "text/html"}}, "<html><h1>Try again later</h1></html>"};
}

net::HttpResponse busy() {
  return {503,
          {{"content-type", "application/json"}, {"retry-after", "1"}},
          R"({"errors":[{"message":"The database is busy."}]})"};
}

/// The fields that mean something beyond the connection they come on.
net::HttpHeaders forwarded(const net::HttpHeaders& headers) {
  net::HttpHeaders kept;
  for (const char* name : {"authorization", "content-type", "date", "retry-after"}) {
    if (const std::string* value = headers.find(name)) kept.add(name, *value);
  }
  return kept;
}

}  // namespace

FaultyProxy::FaultyProxy(std::string backend) : backend_(std::move(backend)) {
  listen();
}

FaultyProxy::~FaultyProxy() {
  server_->stop();
  client_.reset();
}

void FaultyProxy::set(Fault fault, unsigned percent) {
  percent_ = percent;
  fault_ = fault;
}

void FaultyProxy::reset() {
  server_->stop();
  listen();
}

void FaultyProxy::listen() {
  net::HttpServerOptions options;
  options.port = port_;
  options.body_bytes_max = [](auto, auto) { return kBodyBytesMax; };
  Result<std::unique_ptr<net::HttpServer>> started = failure(ErrorCode::retry, "");
  const bool listens = eventually([&] {
    started = net::start_http_server(
        options, [this](const auto& request, const auto& reply) { pass(*request, reply); });
    return started.has_value();
  });
  if (!listens) throw std::runtime_error(started.error().message);
  server_ = *std::move(started);
  port_ = server_->port();
}

/// Every n-th request, so that no fault lasts as long as one is asked for.
bool FaultyProxy::is_hit() {
  if (fault_ == Fault::none || requests_++ * 37 % 100 >= percent_) return false;
  ++faults_;
  return true;
}

void FaultyProxy::pass(const net::ServerRequest& request,
                       const std::shared_ptr<net::ServerReply>& reply) {
  const bool is_write = request.method != "GET" && request.method != "HEAD";
  const Fault fault = is_write && is_hit() ? fault_.load() : Fault::none;
  if (fault == Fault::backends_503) return reply->send(busy());
  if (fault == Fault::own_503) return reply->send(page(503));
  net::HttpRequest question;
  question.method = request.method;
  question.url = backend_ + request.path;
  if (!request.query.empty()) question.url += "?" + net::sorted_query(request.query);
  question.headers = forwarded(request.headers);
  question.body = request.body;
  client_->send(std::move(question), [this, reply, fault](const Result<net::HttpResponse>& answer) {
    if (!answer || fault == Fault::lost_answer) return reply->send(page(502));
    if (answer->status == 503) ++busy_;
    reply->send({answer->status, forwarded(answer->headers), answer->body});
  });
}

}  // namespace patchbay::test
