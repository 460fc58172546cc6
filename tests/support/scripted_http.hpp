// ScriptedHttp: an HttpClient that records every request and answers when the test says so.
// A cancelled request is called back with ErrorCode::cancelled by the next `answer`, `fail` or
// `deliver_cancelled`, never from inside `cancel`. With `respond` set, it answers by itself at
// `deliver`.
#pragma once

#include <functional>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "net/http_client.hpp"

namespace patchbay::test {

class ScriptedHttp final : public net::HttpClient {
 public:
  struct Exchange {
    net::HttpRequestId id = 0;
    net::HttpRequest request;
    Callback callback;  ///< Empty once answered.
    bool cancelled = false;
    [[nodiscard]] bool open() const { return callback != nullptr && !cancelled; }
  };

  net::HttpRequestId send(net::HttpRequest request, Callback callback) override {
    exchanges_.push_back({exchanges_.size() + 1, std::move(request), std::move(callback)});
    return exchanges_.back().id;
  }
  void cancel(net::HttpRequestId id) override {
    if (id != 0 && id <= exchanges_.size()) exchanges_[id - 1].cancelled = true;
  }

  /// Every request ever sent, in order.
  [[nodiscard]] const std::vector<Exchange>& exchanges() const { return exchanges_; }
  [[nodiscard]] std::size_t sent() const { return exchanges_.size(); }
  /// The oldest request that waits for an answer; null when there is none.
  [[nodiscard]] const Exchange* waiting() const {
    for (const Exchange& exchange : exchanges_) {
      if (exchange.open()) return &exchange;
    }
    return nullptr;
  }
  [[nodiscard]] std::size_t waiting_count() const {
    std::size_t count = 0;
    for (const Exchange& exchange : exchanges_) count += exchange.open() ? 1U : 0U;
    return count;
  }
  /// The last request's URL, or "".
  [[nodiscard]] std::string last_url() const {
    return exchanges_.empty() ? std::string() : exchanges_.back().request.url;
  }

  /// Answers the oldest waiting request; false when none waits.
  bool answer(net::HttpResponse response) {
    return finish(Result<net::HttpResponse>(std::move(response)));
  }
  /// Fails the oldest waiting request.
  bool fail(ErrorCode code, std::string message) {
    return finish(failure(code, std::move(message)));
  }
  void deliver_cancelled() {
    for (std::size_t at = 0; at < exchanges_.size(); ++at) {
      if (!exchanges_[at].cancelled || !exchanges_[at].callback) continue;
      const Callback callback = std::exchange(exchanges_[at].callback, nullptr);
      callback(failure(ErrorCode::cancelled, "The request was cancelled."));
    }
  }

  /// Asked for every waiting request by `deliver`; nullopt leaves it parked.
  std::function<std::optional<Result<net::HttpResponse>>(const net::HttpRequest&)> respond;
  /// Lets `respond` answer what waits now. Returns how many got an answer.
  std::size_t deliver() {
    deliver_cancelled();
    std::size_t count = 0;
    const std::size_t until = exchanges_.size();
    for (std::size_t at = 0; respond && at < until; ++at) {
      if (!exchanges_[at].open()) continue;
      auto result = respond(exchanges_[at].request);
      if (!result) continue;
      const Callback callback = std::exchange(exchanges_[at].callback, nullptr);
      callback(std::move(*result));
      ++count;
    }
    return count;
  }

 private:
  bool finish(Result<net::HttpResponse> result) {
    deliver_cancelled();
    for (Exchange& exchange : exchanges_) {
      if (!exchange.open()) continue;
      const Callback callback = std::exchange(exchange.callback, nullptr);
      callback(std::move(result));
      return true;
    }
    return false;
  }

  std::vector<Exchange> exchanges_;
};

}  // namespace patchbay::test
