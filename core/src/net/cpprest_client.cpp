#include "net/cpprest_client.hpp"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "log/log.hpp"
#include "net/connect_check.hpp"
#include "net/tuning.hpp"

namespace patchbay::net {
namespace {

namespace library = web::http;
using LibraryClient = library::client::http_client;

/// The library's threads only wait for answers; its default of 40 would be a waste.
void start_library_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(tuning::kCpprestThreads);
    } catch (const std::exception&) {
      log::debug("http client", "The threads of cpprestsdk were already started elsewhere.");
    }
  });
}

std::optional<web::uri> parse(const std::string& url) {
  try {
    web::uri parsed(url);
    if (parsed.host().empty()) return std::nullopt;
    return parsed;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::uint16_t port_of(const web::uri& url) {
  if (url.port() > 0) return static_cast<std::uint16_t>(url.port());
  return url.scheme() == "https" ? 443 : 80;
}

/// For the resolver: an IPv6 address without its brackets.
std::string host_of(const web::uri& url) {
  const std::string& host = url.host();
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

library::http_request library_request(HttpRequest request, const web::uri& url) {
  library::http_request made(request.method);
  made.set_request_uri(url.resource());
  for (const auto& [name, value] : request.headers.fields()) made.headers().add(name, value);
  if (!request.body.empty()) {
    const std::string type(request.headers.get("content-type"));
    made.set_body(std::move(request.body), type);
  }
  return made;
}

HttpResponse read_response(const library::http_response& response,
                           const std::vector<unsigned char>& body) {
  HttpResponse read;
  read.status = response.status_code();
  for (const auto& [name, value] : response.headers()) read.headers.add(name, value);
  read.body.assign(body.begin(), body.end());
  return read;
}

/// One request, until its callback has returned.
struct Exchange {
  HttpRequest request;
  std::optional<web::uri> url;  ///< Nothing where it is not one.
  HttpClient::Callback callback;
  std::shared_ptr<ConnectCheck> check;
  pplx::cancellation_token_source cancellation;
  bool cancelled = false;
};

class CpprestClient final : public HttpClient {
 public:
  CpprestClient() = default;
  ~CpprestClient() override;
  CpprestClient(const CpprestClient&) = delete;
  CpprestClient& operator=(const CpprestClient&) = delete;

  HttpRequestId send(HttpRequest request, Callback callback) override;
  void cancel(HttpRequestId id) override;

 private:
  void on_checked(HttpRequestId id, const std::string& obstacle);
  void hand_over(HttpRequestId id, Exchange& exchange);
  [[nodiscard]] LibraryClient client_for(const web::uri& url, std::chrono::milliseconds timeout);
  [[nodiscard]] std::shared_ptr<Exchange> find(HttpRequestId id);
  [[nodiscard]] bool is_cancelled(const Exchange& exchange);
  void fail(HttpRequestId id, ErrorCode code, const std::string& why);
  void finish(HttpRequestId id, Result<HttpResponse> result);

  std::mutex mutex_;  // callbacks come on the library's threads
  std::condition_variable none_left_;
  std::map<HttpRequestId, std::shared_ptr<Exchange>> exchanges_;
  HttpRequestId last_id_ = 0;
  bool ended_ = false;
  std::optional<LibraryClient> kept_;  // with its connections
};

CpprestClient::~CpprestClient() {
  std::vector<HttpRequestId> ids;
  std::unique_lock lock(mutex_);
  ended_ = true;
  for (const auto& [id, exchange] : exchanges_) ids.push_back(id);
  lock.unlock();
  for (const HttpRequestId id : ids) cancel(id);
  lock.lock();
  none_left_.wait(lock, [this] { return exchanges_.empty(); });
}

HttpRequestId CpprestClient::send(HttpRequest request, Callback callback) {
  const auto exchange = std::make_shared<Exchange>();
  exchange->url = parse(request.url);
  exchange->request = std::move(request);
  exchange->callback = std::move(callback);
  std::unique_lock lock(mutex_);
  const HttpRequestId id = ++last_id_;
  exchange->cancelled = ended_;
  exchanges_.emplace(id, exchange);
  auto& io = crossplat::threadpool::shared_instance().service();
  exchange->check = std::make_shared<ConnectCheck>(
      io, [this, id](const std::string& obstacle) { on_checked(id, obstacle); });
  const bool checks = exchange->url && !ended_;
  lock.unlock();
  // The last step: once the check runs, the callback may come and the client may go.
  if (checks) {
    exchange->check->start(host_of(*exchange->url), port_of(*exchange->url),
                           exchange->request.connect_timeout);
  } else {
    exchange->check->cancel();
  }
  return id;
}

void CpprestClient::cancel(HttpRequestId id) {
  const auto exchange = find(id);
  if (!exchange) return;
  {
    const std::lock_guard lock(mutex_);
    exchange->cancelled = true;
  }
  exchange->check->cancel();
  exchange->cancellation.cancel();
}

void CpprestClient::on_checked(HttpRequestId id, const std::string& obstacle) {
  const auto exchange = find(id);
  if (!exchange->url) {
    return fail(id, ErrorCode::rejected, "It is not a valid URL. Give one like http://host:port.");
  }
  if (is_cancelled(*exchange)) return fail(id, ErrorCode::cancelled, "It was cancelled.");
  if (!obstacle.empty()) return fail(id, ErrorCode::retry, obstacle);
  hand_over(id, *exchange);
}

void CpprestClient::hand_over(HttpRequestId id, Exchange& exchange) {
  pplx::task<library::http_response> sent;
  try {
    auto client = client_for(*exchange.url, exchange.request.idle_timeout);
    sent = client.request(library_request(std::move(exchange.request), *exchange.url),
                          exchange.cancellation.get_token());
  } catch (const std::exception& error) {
    return fail(id, ErrorCode::in_doubt,
                std::string("The request could not be made (") + error.what() + ").");
  }
  sent.then([](const library::http_response& response) {
        return response.extract_vector().then([response](const std::vector<unsigned char>& body) {
          return read_response(response, body);
        });
      })
      .then([this, id](const pplx::task<HttpResponse>& answered) {
        try {
          finish(id, answered.get());
        } catch (const std::exception& error) {
          fail(id, ErrorCode::in_doubt, std::string(error.what()) + ".");
        }
      });
}

/// The library has one timeout a client: the client of the first request is kept, and a request
/// with another timeout or to another host gets one of its own.
LibraryClient CpprestClient::client_for(const web::uri& url, std::chrono::milliseconds timeout) {
  const std::lock_guard lock(mutex_);
  const web::uri host = url.authority();
  if (kept_ && kept_->base_uri() == host &&
      kept_->client_config().timeout<std::chrono::milliseconds>() == timeout) {
    return *kept_;
  }
  library::client::http_client_config config;
  config.set_timeout(timeout);
  config.set_max_redirects(0);  // a portal's redirect is not an answer of the server asked
  LibraryClient made(host, config);
  if (!kept_) kept_ = made;
  return made;
}

std::shared_ptr<Exchange> CpprestClient::find(HttpRequestId id) {
  const std::lock_guard lock(mutex_);
  const auto found = exchanges_.find(id);
  return found == exchanges_.end() ? nullptr : found->second;
}

bool CpprestClient::is_cancelled(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  return exchange.cancelled;
}

void CpprestClient::fail(HttpRequestId id, ErrorCode code, const std::string& why) {
  const auto exchange = find(id);
  const bool cancelled = is_cancelled(*exchange);
  const std::string place = exchange->url ? exchange->url->authority().to_string() : "no host";
  finish(id, failure(cancelled ? ErrorCode::cancelled : code,
                     "The request to " + place + " failed. " + why));
}

void CpprestClient::finish(HttpRequestId id, Result<HttpResponse> result) {
  const auto exchange = find(id);
  try {
    exchange->callback(std::move(result));
  } catch (const std::exception& error) {
    log::error("http client", std::string("A callback threw: ") + error.what() +
                                  ". It was ignored; fix the callback.");
  }
  const std::lock_guard lock(mutex_);
  exchanges_.erase(id);
  if (exchanges_.empty()) none_left_.notify_all();
}

}  // namespace

std::unique_ptr<HttpClient> make_cpprest_client() {
  start_library_once();
  return std::make_unique<CpprestClient>();
}

}  // namespace patchbay::net
