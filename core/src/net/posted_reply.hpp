// PostedReply: the ServerReply a handler holds. Any thread -> mailbox of the server's loop ->
// AnswerSink (the connection). Never keeps the connection alive; may outlive the server.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "net/http_server.hpp"
#include "strand/executor.hpp"

namespace patchbay::net {

/// Where an answer arrives, on the server's thread. `request` counts the requests of one
/// connection: what belongs to an earlier one is dropped.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual void answer(std::uint64_t request, HttpResponse response) = 0;
  virtual void begin_stream(std::uint64_t request, HttpResponse response) = 0;
  virtual void append(std::uint64_t request, std::string chunk) = 0;
  virtual void finish(std::uint64_t request) = 0;
  /// The handler dropped its reply: there is no answer, or the stream is broken off.
  virtual void abandon(std::uint64_t request) = 0;
};

/// State that reply and connection share for one answer. Thread-safe.
class AnswerState {
 public:
  [[nodiscard]] bool is_closed() const noexcept { return closed_.load(); }
  /// Counts bytes that wait to be sent; false (and nothing counted) when they pass `bytes_max`.
  [[nodiscard]] bool add_backlog(std::size_t bytes, std::size_t bytes_max) noexcept;
  void remove_backlog(std::size_t bytes) noexcept { backlog_bytes_.fetch_sub(bytes); }
  [[nodiscard]] std::size_t backlog_bytes() const noexcept { return backlog_bytes_.load(); }
  /// Keeps the callback until the answer's end; false when the peer has already gone.
  [[nodiscard]] bool keep_callback(std::function<void()>& callback);
  /// The answer is complete: the callback is forgotten. [server's thread]
  void settle();
  /// The peer went first: the callback runs. [server's thread]
  void peer_gone();

 private:
  [[nodiscard]] std::function<void()> take_callback(bool closed);

  std::atomic<bool> closed_{false};
  std::atomic<std::size_t> backlog_bytes_{0};
  std::mutex mutex_;  // guards the callback and its end
  bool ended_ = false;
  std::function<void()> callback_;
};

class PostedReply final : public ServerReply {
 public:
  struct Address {
    std::shared_ptr<Executor> loop;
    std::weak_ptr<AnswerSink> sink;
    std::uint64_t request = 0;
  };

  PostedReply(Address address, std::shared_ptr<AnswerState> state,
              std::size_t stream_backlog_bytes_max)
      : address_(std::move(address)),
        state_(std::move(state)),
        stream_backlog_bytes_max_(stream_backlog_bytes_max) {}
  ~PostedReply() override;
  PostedReply(const PostedReply&) = delete;
  PostedReply& operator=(const PostedReply&) = delete;

  void send(HttpResponse response) override;
  void start_stream(HttpResponse response) override;
  bool write(std::string chunk) override;
  [[nodiscard]] std::size_t backlog_bytes() const override { return state_->backlog_bytes(); }
  void end_stream() override;
  [[nodiscard]] bool closed() const override { return state_->is_closed(); }
  void on_closed(std::function<void()> callback) override;

 private:
  enum class Stage { open, streaming, ended };

  [[nodiscard]] bool advance(Stage from, Stage to) noexcept;
  void post(std::function<void(AnswerSink&)> work);

  Address address_;
  std::shared_ptr<AnswerState> state_;
  std::size_t stream_backlog_bytes_max_;
  std::atomic<Stage> stage_{Stage::open};
};

}  // namespace patchbay::net
