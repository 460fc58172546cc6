#include "net/posted_reply.hpp"

#include <exception>
#include <utility>

#include "log/log.hpp"

namespace patchbay::net {
namespace {

void run_guarded(const std::function<void()>& callback) {
  try {
    callback();
  } catch (const std::exception& error) {
    log::error("http server", std::string("A callback for a closed connection threw: ") +
                                  error.what() + ". It was ignored; fix the callback.");
  }
}

}  // namespace

bool AnswerState::add_backlog(std::size_t bytes, std::size_t bytes_max) noexcept {
  if (backlog_bytes_.fetch_add(bytes) + bytes <= bytes_max) return true;
  backlog_bytes_.fetch_sub(bytes);
  return false;
}

bool AnswerState::keep_callback(std::function<void()>& callback) {
  const std::lock_guard lock(mutex_);
  if (closed_.load()) return false;
  // Swapped, so that a callback it replaces dies in the caller's hands, outside the lock.
  if (!ended_) callback_.swap(callback);
  return true;
}

std::function<void()> AnswerState::take_callback(bool closed) {
  const std::lock_guard lock(mutex_);
  if (ended_) return {};
  ended_ = true;
  if (closed) closed_.store(true);
  return std::exchange(callback_, {});
}

void AnswerState::settle() {
  (void)take_callback(false);
}

void AnswerState::peer_gone() {
  const std::function<void()> callback = take_callback(true);
  if (callback) run_guarded(callback);
}

PostedReply::~PostedReply() {
  if (stage_.load() == Stage::ended) return;
  post([request = address_.request](AnswerSink& sink) { sink.abandon(request); });
}

bool PostedReply::advance(Stage from, Stage to) noexcept {
  return stage_.compare_exchange_strong(from, to);
}

void PostedReply::post(std::function<void(AnswerSink&)> work) {
  address_.loop->post([sink = address_.sink, work = std::move(work)] {
    if (const auto connection = sink.lock()) work(*connection);
  });
}

void PostedReply::send(HttpResponse response) {
  if (!advance(Stage::open, Stage::ended)) return;
  post([request = address_.request, kept = std::move(response)](AnswerSink& sink) mutable {
    sink.answer(request, std::move(kept));
  });
}

void PostedReply::start_stream(HttpResponse response) {
  if (!advance(Stage::open, Stage::streaming)) return;
  post([request = address_.request, kept = std::move(response)](AnswerSink& sink) mutable {
    sink.begin_stream(request, std::move(kept));
  });
}

bool PostedReply::write(std::string chunk) {
  if (stage_.load() != Stage::streaming || state_->is_closed()) return false;
  if (!state_->add_backlog(chunk.size(), stream_backlog_bytes_max_)) {
    // A stream with a hole is worse than none: the reader is cut off and may start again.
    if (advance(Stage::streaming, Stage::ended)) {
      post([request = address_.request](AnswerSink& sink) { sink.abandon(request); });
    }
    return false;
  }
  post([request = address_.request, kept = std::move(chunk)](AnswerSink& sink) mutable {
    sink.append(request, std::move(kept));
  });
  return true;
}

void PostedReply::end_stream() {
  if (!advance(Stage::streaming, Stage::ended)) return;
  post([request = address_.request](AnswerSink& sink) { sink.finish(request); });
}

void PostedReply::on_closed(std::function<void()> callback) {
  if (state_->keep_callback(callback)) return;
  address_.loop->post([kept = std::move(callback)] { run_guarded(kept); });
}

}  // namespace patchbay::net
