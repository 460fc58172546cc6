#include "net/server_connection.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <chrono>
#include <exception>
#include <limits>
#include <vector>

#include "log/log.hpp"
#include "net/http_wire.hpp"

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace patchbay::net {
namespace {

constexpr std::string_view kFull =
    "The server has as many connections as it takes. Try again later.";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::int64_t wall_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  if (path == "/" || !path.starts_with('/')) return segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(percent_decode(path.substr(0, end)));
    path.remove_prefix(end);
  }
  return segments;
}

}  // namespace

ServerConnection::ServerConnection(Socket socket, ServerContext& context)
    : socket_(std::move(socket)), context_(context), timer_(socket_.get_executor()) {}

void ServerConnection::start() {
  watch(context_.options.idle_timeout);
  read_more();
}

void ServerConnection::start_surplus() {
  surplus_ = true;
  ++context_.surplus;
  watch(tuning::kLingerTimeout);
  read_more();
}

void ServerConnection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  unwatch();
  error_code ignored;
  socket_.close(ignored);
  outgoing_.clear();
  if (surplus_) --context_.surplus;
  const auto self = shared_from_this();
  context_.connections.erase(self);
  context_.on_closed();
  if (const auto state = std::exchange(state_, nullptr)) state->peer_gone();
}

void ServerConnection::read_more() {
  if (reading_ || phase_ == Phase::closed) return;
  // Reading continues while an answer is under way: only a read tells that the peer has gone.
  if (phase_ == Phase::answering && input_.size() >= tuning::kPipelinedBytesMax) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(read_buffer_),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            self->on_read(error, bytes);
                          });
}

void ServerConnection::on_read(const error_code& error, std::size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (error == asio::error::eof) return on_peer_finished();
  if (error) return close();
  if (phase_ != Phase::draining) {
    input_.append(read_buffer_.data(), bytes);
    advance();
  }
  read_more();
}

void ServerConnection::on_peer_finished() {
  const bool answer_may_arrive =
      (phase_ == Phase::answering && !streaming_) || (phase_ == Phase::draining && writing_);
  if (!answer_may_arrive) return close();
  // Perhaps only its sending half is closed: an answer that is nearly there is still sent.
  keep_alive_ = false;
  if (state_) state_->peer_gone();
}

void ServerConnection::advance() {
  bool moved = true;
  while (moved && !input_.empty()) {
    const Phase before = phase_;
    const std::size_t left = input_.size();
    if (phase_ == Phase::idle)
      begin_request();
    else if (phase_ == Phase::header)
      parse_header();
    else if (phase_ == Phase::body)
      parse_body();
    moved = phase_ != before || input_.size() != left;
  }
}

void ServerConnection::begin_request() {
  if (input_ == "\r") return;
  if (input_.starts_with("\r\n")) {  // some peers end a body with an extra line
    input_.erase(0, 2);
    return;
  }
  parser_.emplace();
  parser_->eager(false);
  // body_limit(none) would refuse every length in Boost 1.74; sizes are checked in on_header.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.header_bytes_max));
  header_bytes_ = 0;
  head_only_ = false;
  phase_ = Phase::header;
  if (!surplus_) watch(context_.options.header_timeout);
}

void ServerConnection::parse_header() {
  error_code error;
  const std::size_t used = parser_->put(asio::buffer(input_), error);
  input_.erase(0, used);
  header_bytes_ += used;
  const bool incomplete = error == http::error::need_more;
  const std::size_t seen = header_bytes_ + (incomplete ? input_.size() : 0);
  if (error == http::error::header_limit || seen > context_.options.header_bytes_max) {
    fail(431, "The request line and header fields are too large. Send fewer or shorter ones.");
  } else if (error && !incomplete) {
    fail(400, "The request is not valid HTTP/1.1: " + error.message() + ".");
  } else if (parser_->is_header_done()) {
    on_header();
  }
}

void ServerConnection::on_header() {
  request_ = std::make_shared<ServerRequest>();
  const auto& message = parser_->get();
  request_->method = std::string(view(message.method_string()));
  for (const auto& field : message) {
    request_->headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  }
  head_only_ = request_->method == "HEAD";
  http_1_0_ = message.version() < 11;
  keep_alive_ = parser_->keep_alive() && !surplus_;
  if (!accept_target() || !accept_surplus() || !accept_framing() || !accept_body_size()) return;
  if (parser_->is_done()) return dispatch();
  parser_->eager(true);
  phase_ = Phase::body;
  watch(context_.options.body_timeout);
  if (!http_1_0_ && request_->headers.find("expect") != nullptr && input_.empty()) {
    enqueue(std::string(kContinue));
    write_more();
  }
}

bool ServerConnection::accept_framing() {
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  for (const auto& field : parser_->get()) {
    if (field.name() == http::field::host) ++hosts;
    if (field.name() == http::field::content_length) ++lengths;
    if (field.name() == http::field::transfer_encoding &&
        !boost::beast::iequals(field.value(), "chunked")) {
      return fail(501, "Only the transfer encoding \"chunked\" is supported.");
    }
    if (field.name() == http::field::expect &&
        !boost::beast::iequals(field.value(), "100-continue")) {
      return fail(417, "Only the expectation \"100-continue\" is supported.");
    }
  }
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) {
    return fail(400, "A request carries exactly one Host field.");
  }
  const bool list = request_->headers.get("content-length").find(',') != std::string_view::npos;
  if (lengths > 1 || list) return fail(400, "A request carries at most one Content-Length.");
  return true;
}

bool ServerConnection::accept_target() {
  std::string_view target = view(parser_->get().target());
  if (const std::size_t scheme = target.find("://");
      scheme != std::string_view::npos && scheme < target.find('/')) {
    const std::size_t path = target.find('/', scheme + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  target = target.substr(0, target.find('#'));
  const bool whole_server = target == "*" && request_->method == "OPTIONS";
  if (!target.starts_with('/') && !whole_server) {
    return fail(400, "The request target must be a path that starts with \"/\".");
  }
  const std::size_t end = std::min(target.find('?'), target.size());
  request_->path = target.substr(0, end);
  request_->segments = split_path(request_->path);
  request_->query = parse_query(target.substr(std::min(end + 1, target.size())));
  return true;
}

bool ServerConnection::accept_surplus() {
  return !surplus_ || request_->path == "/health" || fail(503, kFull);
}

bool ServerConnection::accept_body_size() {
  const auto& ask = context_.options.body_bytes_max;
  const std::size_t bytes_max =
      ask ? ask(request_->method, request_->path) : tuning::kServerBodyBytesMax;
  const auto length = parser_->content_length();
  if (length && *length > bytes_max) {
    return fail(413, "The body is larger than the " + std::to_string(bytes_max) +
                         " bytes taken here. Send less at a time.");
  }
  parser_->body_limit(bytes_max);
  return true;
}

void ServerConnection::parse_body() {
  // Boost 1.74 asserts when "0\r\n" and the line that ends it come apart; five bytes always follow.
  if (parser_->chunked() && input_.size() < 5) return;
  error_code error;
  const std::size_t used = parser_->put(asio::buffer(input_), error);
  input_.erase(0, used);
  if (error == http::error::body_limit) {
    fail(413, "The body is larger than what is taken here. Send less at a time.");
  } else if (error && error != http::error::need_more) {
    fail(400, "The body is not valid HTTP/1.1: " + error.message() + ".");
  } else if (parser_->is_done()) {
    dispatch();
  } else if (input_.size() > context_.options.header_bytes_max) {
    fail(431, "A chunk's extension or the trailing fields are too large.");
  }
}

void ServerConnection::dispatch() {
  unwatch();
  phase_ = Phase::answering;
  request_->body = std::move(parser_->get().body());
  parser_.reset();
  state_ = std::make_shared<AnswerState>();
  streaming_ = answer_ended_ = false;
  ++request_number_;
  const auto reply = std::make_shared<PostedReply>(
      PostedReply::Address{context_.loop, weak_from_this(), request_number_}, state_,
      context_.options.stream_backlog_bytes_max);
  std::string failure_text;
  try {
    context_.handler(std::exchange(request_, nullptr), reply);
    return;
  } catch (const std::exception& error) {
    failure_text = error.what();
  } catch (...) {
    failure_text = "an exception of an unknown type";
  }
  log::error("http server", "A request handler threw: " + failure_text + ". It was answered 500.");
  reply->send(own_answer(500, "The server failed on this request; its log says why."));
}

bool ServerConnection::is_current(std::uint64_t request) const noexcept {
  return phase_ == Phase::answering && request == request_number_ && !answer_ended_;
}

HttpResponse ServerConnection::own_answer(int status, std::string_view message) const {
  try {
    if (context_.options.error_response) return context_.options.error_response(status, message);
  } catch (const std::exception& error) {
    log::error("http server", std::string("error_response threw: ") + error.what() + ".");
  }
  return {status, {{"content-type", "text/plain; charset=utf-8"}}, std::string(message) + "\n"};
}

bool ServerConnection::fail(int status, std::string_view message) {
  keep_alive_ = false;
  answer_ended_ = true;
  HttpResponse response = own_answer(status, message);
  phase_ = Phase::draining;
  watch(tuning::kLingerTimeout);
  enqueue(response_head(response, {false, true, false}, wall_s()));
  if (!head_only_) enqueue(std::move(response.body));
  write_more();
  read_more();
  return false;
}

void ServerConnection::answer(std::uint64_t request, HttpResponse response) {
  if (!is_current(request) || streaming_) return;
  answer_ended_ = true;
  enqueue(response_head(response, {http_1_0_, !keep_alive_, false}, wall_s()));
  if (!head_only_ && !is_bodiless(response.status)) enqueue(std::move(response.body));
  write_more();
}

void ServerConnection::begin_stream(std::uint64_t request, HttpResponse response) {
  if (!is_current(request) || streaming_) return;
  if (state_->is_closed()) return close();
  streaming_ = true;
  keep_alive_ = keep_alive_ && !http_1_0_;
  answer_ended_ = head_only_;
  if (head_only_) state_->peer_gone();  // no one listens, so the stream may end at its source
  enqueue(response_head(response, {http_1_0_, !keep_alive_, true}, wall_s()));
  if (!head_only_) enqueue(http_1_0_ ? std::move(response.body) : as_chunk(response.body));
  write_more();
}

void ServerConnection::append(std::uint64_t request, std::string chunk) {
  if (!is_current(request) || !streaming_) return;
  const std::size_t bytes = chunk.size();
  enqueue(http_1_0_ ? std::move(chunk) : as_chunk(chunk), bytes);
  write_more();
}

void ServerConnection::finish(std::uint64_t request) {
  if (!is_current(request) || !streaming_) return;
  answer_ended_ = true;
  if (!http_1_0_) enqueue("0\r\n\r\n");
  if (outgoing_.empty()) return on_answer_sent();
  write_more();
}

void ServerConnection::abandon(std::uint64_t request) {
  if (!is_current(request)) return;
  if (streaming_) return close();
  answer(request, own_answer(500, "The server gave no answer to this request."));
}

void ServerConnection::enqueue(std::string bytes, std::size_t backlog_bytes) {
  if (bytes.empty()) return;
  outgoing_.push_back({std::move(bytes), backlog_bytes});
}

void ServerConnection::write_more() {
  if (writing_ || outgoing_.empty() || phase_ == Phase::closed) return;
  constexpr std::size_t kBuffersMax = 16;
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(kBuffersMax);
  for (const Outgoing& piece : outgoing_) {
    if (buffers.size() == kBuffersMax) break;
    buffers.emplace_back(asio::buffer(piece.bytes));
  }
  buffers.front() += sent_of_front_;
  writing_ = true;
  if (phase_ == Phase::answering) watch(context_.options.idle_timeout);
  socket_.async_write_some(buffers,
                           [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                             self->on_written(error, bytes);
                           });
}

void ServerConnection::on_written(const error_code& error, std::size_t bytes) {
  writing_ = false;
  if (phase_ == Phase::closed) return;
  if (error) return close();
  sent_of_front_ += bytes;
  while (!outgoing_.empty() && sent_of_front_ >= outgoing_.front().bytes.size()) {
    sent_of_front_ -= outgoing_.front().bytes.size();
    if (state_) state_->remove_backlog(outgoing_.front().backlog_bytes);
    outgoing_.pop_front();
  }
  if (!outgoing_.empty()) return write_more();
  if (phase_ == Phase::answering) unwatch();
  if (answer_ended_) on_answer_sent();
}

void ServerConnection::on_answer_sent() {
  answer_ended_ = false;
  if (const auto state = std::exchange(state_, nullptr)) state->settle();
  if (!keep_alive_ || phase_ == Phase::draining) return drain();
  phase_ = Phase::idle;
  watch(context_.options.idle_timeout);
  advance();
  read_more();
}

void ServerConnection::drain() {
  // Closing with unread bytes would reset the connection and take the answer with it.
  if (phase_ != Phase::draining) watch(tuning::kLingerTimeout);
  phase_ = Phase::draining;
  input_.clear();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  read_more();
}

void ServerConnection::watch(std::chrono::milliseconds timeout) {
  timer_.expires_after(timeout);
  timer_.async_wait([weak = weak_from_this(), number = ++watch_number_](const error_code& error) {
    const auto self = weak.lock();
    if (!error && self && number == self->watch_number_) self->on_deadline();
  });
}

void ServerConnection::unwatch() {
  ++watch_number_;
  timer_.cancel();
}

void ServerConnection::on_deadline() {
  if (surplus_ && (phase_ == Phase::idle || phase_ == Phase::header)) {
    fail(503, kFull);
  } else if (phase_ == Phase::header) {
    fail(408, "The header did not arrive in time.");
  } else if (phase_ == Phase::body) {
    fail(408, "The body did not arrive in time.");
  } else {
    close();
  }
}

}  // namespace patchbay::net
