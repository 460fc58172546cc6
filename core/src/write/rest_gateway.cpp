#include "write/rest_gateway.hpp"

#include <cpprest/http_client.h>
#include <cpprest/json.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "log/log.hpp"
#include "net/http_wire.hpp"
#include "net/tuning.hpp"
#include "text/json_text.hpp"
#include "write/write_encoding.hpp"

namespace patchbay {
namespace {

using web::json::value;

/// The library's threads only wait for answers; its default of 40 would be a waste.
void start_library_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(tuning::kGatewayThreads);
    } catch (const std::exception&) {
      log::debug("write gateway", "The HTTP library's threads were already started elsewhere.");
    }
  });
}

/// What came back: an HTTP answer, or why none did.
struct Answer {
  int status = 0;  ///< 0: no answer.
  std::string failure;
  bool never_sent = false;
  std::int64_t date_s = 0;
  std::optional<std::chrono::milliseconds> retry_after;
  value body;  ///< Null unless it is JSON.
};

bool is_refusal(int status) {
  constexpr std::array kStatuses{400, 403, 404, 409, 410, 413, 422};
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

std::string text_of(const value& object, const char* name) {
  const bool found = object.is_object() && object.has_string_field(name);
  return found ? object.at(name).as_string() : std::string();
}

std::optional<std::uint64_t> number_of(const value& object, const char* name) {
  const std::string text = text_of(object, name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

const value* array_of(const value& object, const char* name) {
  return object.is_object() && object.has_array_field(name) ? &object.at(name) : nullptr;
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::int64_t date_s) {
  std::int64_t wait_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait_s);
  const bool seconds = !text.empty() && error == std::errc() && end == text.data() + text.size();
  if (!seconds) {
    const auto until_s = net::parse_http_date(text);
    if (!until_s || date_s == 0) return std::nullopt;
    wait_s = *until_s - date_s;
  }
  const std::int64_t wait_s_max =
      std::chrono::duration_cast<std::chrono::seconds>(tuning::kRetryAfterMax).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(wait_s, 0, wait_s_max));
}

Answer read_answer(const web::http::http_response& response,
                   const std::vector<unsigned char>& body) {
  Answer answer;
  answer.status = response.status_code();
  const auto header = [&response](const char* name) {
    const auto found = response.headers().find(name);
    return found == response.headers().end() ? std::string() : found->second;
  };
  answer.date_s = net::parse_http_date(header("Date")).value_or(0);
  answer.retry_after = parse_retry_after(header("Retry-After"), answer.date_s);
  std::error_code error;
  answer.body = value::parse(std::string(body.begin(), body.end()), error);
  if (error) answer.body = value();
  return answer;
}

Unknown unknown(const Answer& answer) {
  Unknown verdict;
  verdict.retry_after = answer.retry_after;
  verdict.never_sent = answer.never_sent;
  verdict.unauthorized = answer.status == 401;
  verdict.server_answered = answer.status != 0;
  if (answer.status == 0) {
    verdict.reason =
        "The backend gave no answer: " + answer.failure + ". The write is kept and sent again.";
    return verdict;
  }
  verdict.reason = "The backend's answer (HTTP " + std::to_string(answer.status) +
                   ") is no verdict on the write";
  if (const value* errors = array_of(answer.body, "errors"); errors && errors->size() > 0) {
    std::string said = text_of(errors->at(0), "message");
    said.resize(std::min(said.find('\n'), said.size()));  // a library's further lines are its own
    while (said.ends_with('.')) said.pop_back();
    verdict.reason.append(": ").append(said);
  }
  verdict.reason.append(verdict.unauthorized ? ". Give it valid credentials."
                                             : ". It is kept and sent again.");
  return verdict;
}

std::optional<Verdict> acknowledgement(const value& object) {
  const auto txid = number_of(object, "txid");
  const auto lsn = number_of(object, "lsn");
  if (!txid || !lsn) return std::nullopt;
  return Acknowledgement{*txid, *lsn, text_of(object, "system")};
}

std::optional<Verdict> rejection(const value& object, int status) {
  const value* errors = array_of(object, "errors");
  if (errors == nullptr || errors->size() == 0 || !is_refusal(status)) return std::nullopt;
  const value& first = errors->at(0);
  Rejection rejection;
  rejection.status = status;
  rejection.message = text_of(first, "message");
  rejection.code = text_of(first, "code");
  rejection.constraint = text_of(first, "constraint");
  rejection.column = text_of(first, "column");
  return rejection;
}

/// The verdict on a write that was alone in its request.
Verdict judge_lone(const Answer& answer, const WriteId& id) {
  std::optional<Verdict> verdict;
  if (answer.status / 100 == 2) verdict = acknowledgement(answer.body);
  const auto named = WriteId::parse(text_of(answer.body, "write_id"));
  if (!verdict && named == id) verdict = rejection(answer.body, answer.status);
  return verdict ? std::move(*verdict) : Verdict(unknown(answer));
}

/// The backend's own word that it has recorded no outcome: a 404 of something before it names none.
bool says_unrecorded(const Answer& answer, const WriteId& id) {
  const value& body = answer.body;
  return answer.status == 404 && body.is_object() && body.has_boolean_field("recorded") &&
         !body.at("recorded").as_bool() && WriteId::parse(text_of(body, "write_id")) == id;
}

/// The verdict on one element of POST /changes from its own part of the answer.
std::optional<Verdict> judge_element(const value& outcome, const Answer& answer) {
  if (text_of(outcome, "status") == "OK") return acknowledgement(outcome);
  const bool numbered = outcome.has_integer_field("status");
  return rejection(outcome, numbered ? outcome.at("status").as_integer() : answer.status);
}

struct Request {
  BackendCall call;
  std::size_t end =
      0;  ///< The writes up to here are in it; it begins at the first without verdict.
  bool lone = false;
};

/// One send(): the writes not yet judged, from the front, in requests that halve when refused
/// whole.
class Delivery {
 public:
  explicit Delivery(std::vector<OutgoingWrite> writes) : writes_(std::move(writes)) {
    elements_.reserve(writes_.size());
    for (const OutgoingWrite& write : writes_) elements_.push_back(changes_element(write));
    at_most_ = writes_.size();
  }

  [[nodiscard]] bool is_complete() const { return verdicts_.size() == writes_.size(); }
  [[nodiscard]] std::vector<Verdict> take_verdicts() { return std::move(verdicts_); }
  [[nodiscard]] std::int64_t date_s() const { return date_s_; }

  /// Refuses what no request can carry; then the next request.
  [[nodiscard]] std::optional<Request> next() {
    while (!is_complete()) {
      auto refused = cannot_be_sent(elements_[verdicts_.size()]);
      if (!refused) break;
      verdicts_.emplace_back(*std::move(refused));
    }
    if (is_complete()) return std::nullopt;
    return make_request();
  }

  void take(const Request& request, const Answer& answer) {
    if (answer.date_s != 0) date_s_ = answer.date_s;
    const std::size_t begin = verdicts_.size();
    if (request.lone) {
      verdicts_.push_back(judge_lone(answer, writes_[begin].write.id));
    } else if (const value* outcomes = array_of(answer.body, "outcomes")) {
      take_outcomes(*outcomes, answer, request.end);
    } else if (is_refusal(answer.status) && array_of(answer.body, "errors") != nullptr &&
               request.end - begin > 1) {
      at_most_ = (request.end - begin) / 2;
      return;
    } else if (request.end - begin == 1) {
      verdicts_.push_back(judge_lone(answer, writes_[begin].write.id));
    } else {
      verdicts_.resize(request.end, unknown(answer));
    }
    stop_behind_unknown(begin);
  }

 private:
  /// What the backend would refuse without being able to say of which write.
  static std::optional<Rejection> cannot_be_sent(const std::string& element) {
    Rejection rejection;
    if (element.size() + 2 > tuning::kChangesBytesMax) {
      rejection.status = 413;  // what the backend would answer; 0 is for what may be tried again
      rejection.message = "The write is " + std::to_string(element.size()) +
                          " bytes of JSON, more than the " +
                          std::to_string(tuning::kChangesBytesMax) +
                          " the backend takes. Split it into several writes.";
    } else if (!text::is_utf8(element)) {
      rejection.status = 400;
      rejection.message =
          "A text of the write is not UTF-8, which PostgreSQL and JSON want. Write it again in "
          "UTF-8, or as \\x and hex digits into a bytea column.";
    }
    if (rejection.status == 0) return std::nullopt;
    return rejection;
  }

  Request make_request() const {
    const std::size_t begin = verdicts_.size();
    const std::size_t end_max = std::min(begin + at_most_, writes_.size());
    Request request;
    std::string body = "[";
    for (request.end = begin; request.end < end_max; ++request.end) {
      const std::string& element = elements_[request.end];
      const bool full = body.size() + element.size() + 2 > tuning::kChangesBytesMax;
      if (request.end > begin && (full || !text::is_utf8(element))) break;
      body.append(request.end > begin ? "," : "").append(element);
    }
    request.lone = writes_.size() == 1 && has_rest_route(writes_.front().write);
    if (request.lone) request.call = rest_call(writes_.front());
    request.lone = request.lone && request.call.body.size() <= tuning::kRestBytesMax;
    if (!request.lone) request.call = {"POST", "/changes", std::move(body.append("]"))};
    return request;
  }

  void take_outcomes(const value& outcomes, const Answer& answer, std::size_t end) {
    for (std::size_t index = verdicts_.size(); index < end; ++index) {
      const std::string id = writes_[index].write.id.text();
      std::optional<Verdict> verdict;
      for (const value& outcome : outcomes.as_array()) {
        if (text_of(outcome, "id") == id) verdict = judge_element(outcome, answer);
      }
      verdicts_.push_back(verdict ? std::move(*verdict) : Verdict(unknown(answer)));
    }
  }

  /// Order: nothing is sent behind a write that may not have happened.
  void stop_behind_unknown(std::size_t begin) {
    for (std::size_t index = begin; index < verdicts_.size(); ++index) {
      const auto* missing = std::get_if<Unknown>(&verdicts_[index]);
      if (missing == nullptr) continue;
      Unknown untried = *missing;
      untried.reason = "It was not tried, because a write before it has no outcome yet.";
      untried.never_sent = true;
      verdicts_.resize(writes_.size(), untried);
      return;
    }
  }

  std::vector<OutgoingWrite> writes_;
  std::vector<std::string> elements_;
  std::vector<Verdict> verdicts_;
  std::size_t at_most_ = 0;  ///< Writes a request may have; halves when one is refused whole.
  std::int64_t date_s_ = 0;
};

/// Only what says for sure that nothing left this machine; anything else may have arrived.
bool is_never_sent(std::string_view message) {
  return message.find("Failed to connect to any resolved endpoint") != std::string_view::npos ||
         message.find("Error resolving address") != std::string_view::npos;
}

class CpprestGateway final : public RestGateway {
 public:
  explicit CpprestGateway(const RestGatewayOptions& options)
      : options_(options), client_(client_with(options.timeout)), token_(options.token) {}
  ~CpprestGateway() override {
    std::unique_lock lock(mutex_);
    if (outstanding_ > 0) {
      lock.unlock();
      cancellation_.cancel();
      lock.lock();
    }
    none_left_.wait(lock, [this] { return outstanding_ == 0; });
  }
  CpprestGateway(const CpprestGateway&) = delete;
  CpprestGateway& operator=(const CpprestGateway&) = delete;

  void set_token(std::string token) override {
    const std::lock_guard lock(mutex_);
    token_ = std::move(token);
  }

  void send(std::vector<OutgoingWrite> writes, Callback callback) override {
    const std::lock_guard sending(sending_);
    const auto delivery = std::make_shared<Delivery>(std::move(writes));
    begin();
    deliver(delivery, std::move(callback));
  }

  void void_write(const WriteId& write, Callback callback) override {
    const std::lock_guard sending(sending_);
    begin();
    ask({"DELETE", "/writes/" + write.text(), ""},
        [this, write, kept = std::move(callback)](const Answer& answer) {
          end(kept, {judge_lone(answer, write)}, answer.date_s);
        });
  }

  void ask_outcome(Write write, Callback callback) override {
    const std::lock_guard sending(sending_);
    begin();
    BackendCall call{"GET", "/writes/" + write.id.text(), ""};
    ask(std::move(call),
        [this, write = std::move(write), kept = std::move(callback)](const Answer& answer) {
          const WriteId id = write.id;
          if (says_unrecorded(answer, id)) return end(kept, {}, answer.date_s);
          Verdict verdict = judge_lone(answer, id);
          if (std::holds_alternative<Unknown>(verdict) || write.operations.empty()) {
            return end(kept, {std::move(verdict)}, answer.date_s);
          }
          // It is not applied again, and only the backend can compare it with what it has recorded.
          deliver(std::make_shared<Delivery>(std::vector<OutgoingWrite>{{write, 0}}), kept);
        });
  }

  void ask_time(Callback callback) override {
    const std::lock_guard sending(sending_);
    begin();
    ask({"GET", "/health", ""}, [this, kept = std::move(callback)](const Answer& answer) {
      const bool told =
          answer.status == 200 && answer.date_s != 0 && text_of(answer.body, "status") == "active";
      end(kept, told ? std::vector<Verdict>() : std::vector<Verdict>{unknown(answer)},
          told ? answer.date_s : 0);
    });
  }

 private:
  using AnswerCallback = std::function<void(const Answer&)>;

  [[nodiscard]] web::http::client::http_client client_with(
      std::chrono::milliseconds timeout) const {
    web::http::client::http_client_config config;
    config.set_timeout(timeout);
    config.set_max_redirects(0);  // a portal's redirect is not an answer of the backend
    return {web::uri(options_.base_url), config};
  }

  /// The library has one timeout a client, so a request that is given more has a client of its own.
  [[nodiscard]] web::http::client::http_client client_for(std::size_t body_bytes) const {
    const auto timeout = options_.timeout_of(body_bytes);
    return timeout == options_.timeout ? client_ : client_with(timeout);
  }

  void deliver(const std::shared_ptr<Delivery>& delivery, Callback callback) {
    auto request = delivery->next();
    if (!request) {
      // Through the pool, so that a callback never comes from inside send().
      pplx::create_task([this, delivery, kept = std::move(callback)] {
        end(kept, delivery->take_verdicts(), delivery->date_s());
      });
      return;
    }
    BackendCall call = std::move(request->call);
    ask(std::move(call), [this, delivery, request = std::move(*request),
                          kept = std::move(callback)](const Answer& answer) {
      delivery->take(request, answer);
      if (!delivery->is_complete()) return deliver(delivery, kept);
      end(kept, delivery->take_verdicts(), delivery->date_s());
    });
  }

  void ask(BackendCall call, AnswerCallback callback) {
    pplx::task<web::http::http_response> sent;
    try {
      auto client = client_for(call.body.size());
      sent = client.request(make_request(std::move(call)), cancellation_.get_token());
    } catch (const std::exception& error) {
      sent = pplx::task_from_exception<web::http::http_response>(
          std::runtime_error(std::string("the request could not be made (") + error.what() + ")"));
    }
    sent.then([](const web::http::http_response& response) {
          return response.extract_vector().then([response](const std::vector<unsigned char>& body) {
            return read_answer(response, body);
          });
        })
        .then([kept = std::move(callback)](const pplx::task<Answer>& task) { kept(settle(task)); });
  }

  static Answer settle(const pplx::task<Answer>& task) {
    Answer answer;
    try {
      return task.get();
    } catch (const std::exception& error) {
      answer.failure = error.what();
      answer.never_sent = is_never_sent(answer.failure);
    }
    return answer;
  }

  web::http::http_request make_request(BackendCall call) {
    web::http::http_request request(call.method);
    request.set_request_uri(web::uri(call.path));
    {
      const std::lock_guard lock(mutex_);
      if (!token_.empty()) request.headers().add("Authorization", "Bearer " + token_);
    }
    request.headers().add("Accept", "application/json");
    if (!call.body.empty()) request.set_body(std::move(call.body), "application/json");
    return request;
  }

  void begin() {
    const std::lock_guard lock(mutex_);
    ++outstanding_;
  }

  void end(const Callback& callback, std::vector<Verdict> verdicts, std::int64_t date_s) {
    { const std::lock_guard sent(sending_); }
    try {
      callback(std::move(verdicts), date_s);
    } catch (const std::exception& error) {
      log::error("write gateway", std::string("A callback threw: ") + error.what() +
                                      ". It was ignored; fix the callback.");
    }
    const std::lock_guard lock(mutex_);
    if (--outstanding_ == 0) none_left_.notify_all();
  }

  const RestGatewayOptions options_;
  web::http::client::http_client client_;
  pplx::cancellation_token_source cancellation_;
  std::mutex sending_;  // an answer may be there before send() has returned; its callback waits
  std::mutex mutex_;    // callbacks come on the library's threads
  std::condition_variable none_left_;
  std::string token_;
  std::size_t outstanding_ = 0;
};

}  // namespace

Result<std::unique_ptr<RestGateway>> make_rest_gateway(RestGatewayOptions options) {
  const std::string advice = "\" is not a URL. Give one like http://host:port.";
  try {
    const web::uri uri(options.base_url);
    net::Url parts;  // the library takes "http://host:x" for a host of that name
    const bool known = net::parse_url(options.base_url, parts) || uri.scheme() == "https";
    if (known && !uri.host().empty() && uri.query().empty()) {
      start_library_once();
      return std::make_unique<CpprestGateway>(options);
    }
    return failure(ErrorCode::rejected, "The backend's address \"" + options.base_url + advice);
  } catch (const std::exception& error) {
    return failure(ErrorCode::rejected, "The backend's address \"" + options.base_url + advice +
                                            " (" + error.what() + ")");
  }
}

}  // namespace patchbay
