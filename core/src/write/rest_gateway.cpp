#include "write/rest_gateway.hpp"

#include <utility>

namespace patchbay {

RestGateway::RestGateway(RestGatewayOptions options, std::unique_ptr<net::HttpClient> client)
    : options_(std::move(options)), token_(options_.token), client_(std::move(client)) {}

void RestGateway::set_token(std::string token) {
  const std::lock_guard lock(mutex_);
  token_ = std::move(token);
}

void RestGateway::send(std::vector<OutgoingWrite> writes, Callback callback) {
  deliver(std::make_shared<Delivery>(std::move(writes)), std::move(callback));
}

void RestGateway::void_write(const WriteId& write, Callback callback) {
  ask({"DELETE", "/writes/" + write.text(), ""},
      [write, kept = std::move(callback)](const BackendAnswer& answer) {
        kept({judge_lone(answer, write)}, answer.date_s);
      });
}

void RestGateway::ask_outcome(Write write, Callback callback) {
  BackendCall call{"GET", "/writes/" + write.id.text(), ""};
  ask(std::move(call),
      [this, write = std::move(write), kept = std::move(callback)](const BackendAnswer& answer) {
        if (says_unrecorded(answer, write.id)) return kept({}, answer.date_s);
        Verdict verdict = judge_lone(answer, write.id);
        if (std::holds_alternative<Unknown>(verdict) || write.operations.empty()) {
          return kept({std::move(verdict)}, answer.date_s);
        }
        // It is not applied again, and only the backend can compare it with what it has recorded.
        deliver(std::make_shared<Delivery>(std::vector<OutgoingWrite>{{write, 0}}), kept);
      });
}

void RestGateway::ask_time(Callback callback) {
  ask({"GET", "/health", ""}, [kept = std::move(callback)](const BackendAnswer& answer) {
    if (tells_time(answer)) return kept({}, answer.date_s);
    kept({no_verdict(answer)}, 0);
  });
}

void RestGateway::deliver(const std::shared_ptr<Delivery>& delivery, Callback callback) {
  auto call = delivery->next();
  if (!call) return callback(delivery->take_verdicts(), delivery->date_s());
  ask(*std::move(call), [this, delivery, kept = std::move(callback)](const BackendAnswer& answer) {
    delivery->take(answer);
    deliver(delivery, kept);
  });
}

void RestGateway::ask(BackendCall call, AnswerCallback callback) {
  net::HttpRequest request;
  request.connect_timeout = request.idle_timeout = options_.timeout_of(call.body.size());
  request.method = std::move(call.method);
  request.url = options_.base_url;
  while (request.url.ends_with('/')) request.url.pop_back();
  request.url += call.path;
  {
    const std::lock_guard lock(mutex_);
    if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
  }
  request.headers.add("Accept", "application/json");
  if (!call.body.empty()) request.headers.add("Content-Type", "application/json");
  request.body = std::move(call.body);
  client_->send(std::move(request),
                [kept = std::move(callback)](const Result<net::HttpResponse>& response) {
                  kept(read_answer(response));
                });
}

}  // namespace patchbay
