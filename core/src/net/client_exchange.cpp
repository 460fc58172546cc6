#include "net/client_exchange.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <exception>

#include "log/log.hpp"
#include "net/http_wire.hpp"

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace patchbay::net {
namespace {

/// Whether repeating does no more than asking once; only these may use a connection that may close.
bool is_repeatable(std::string_view method) {
  constexpr std::array<std::string_view, 5> kMethods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

/// For messages: neither the query nor a password of the URL, which may be secrets.
std::string shown(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = url.rfind('@');
  const std::size_t from = at == std::string::npos ? host : std::max(host, at + 1);
  const std::string rest = url.substr(from);
  return url.substr(0, host) + rest.substr(0, rest.find('?'));
}

std::string url_advice(std::string_view url) {
  if (url.starts_with("https:")) {
    return "https is not supported. Put a proxy that ends TLS in between and use its http address.";
  }
  return "it is not a valid http URL. Give one like http://host:port/path.";
}

}  // namespace

ClientExchange::ClientExchange(asio::io_context& io, ConnectionPool& pool, HttpRequestId id,
                               HttpRequest request, HttpClient::Callback callback)
    : io_(io),
      pool_(pool),
      id_(id),
      request_(std::move(request)),
      callback_(std::move(callback)),
      timer_(io),
      resolver_(io) {}

void ClientExchange::start() {
  if (!parse_url(request_.url, url_)) {
    return finish(failure(ErrorCode::rejected, "Cannot ask \"" + shown(request_.url) +
                                                   "\": " + url_advice(request_.url)));
  }
  auto head = request_head(request_.method, url_, request_.headers, request_.body.size());
  if (!head) {
    return finish(failure(ErrorCode::rejected, "Cannot ask \"" + shown(request_.url) +
                                                   "\": the method or a header field has "
                                                   "characters that HTTP does not allow there."));
  }
  output_ = std::move(*head) + request_.body;
  if (is_repeatable(request_.method)) connection_ = pool_.take(url_);
  reused_ = connection_ != nullptr;
  if (reused_) {
    talk();
  } else {
    open_connection();
  }
}

void ClientExchange::cancel() {
  finish(failure(ErrorCode::cancelled, "The request to " + place() + " was cancelled."));
}

void ClientExchange::open_connection() {
  connect_deadline_ = std::chrono::steady_clock::now() + request_.connect_timeout;
  Error error;
  const auto address = asio::ip::make_address(url_.host, error);
  if (error) return resolve();
  endpoints_ = {Tcp::endpoint(address, url_.port)};
  connect_next();
}

void ClientExchange::resolve() {
  watch(request_.connect_timeout, "The name did not resolve in time.");
  resolver_.async_resolve(
      url_.host, std::to_string(url_.port), Tcp::resolver::numeric_service,
      [self = shared_from_this()](const Error& error, const Tcp::resolver::results_type& results) {
        if (!self->callback_) return;
        if (error || results.empty()) {
          return self->fail("The name cannot be resolved: " + error.message() + ".");
        }
        for (const auto& result : results) self->endpoints_.push_back(result.endpoint());
        std::reverse(self->endpoints_.begin(), self->endpoints_.end());
        self->connect_next();
      });
}

void ClientExchange::connect_next() {
  const Tcp::endpoint endpoint = endpoints_.back();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      connect_deadline_ - std::chrono::steady_clock::now());
  // An address that drops packets may not use up the time of those after it.
  const auto share = left / static_cast<std::int64_t>(endpoints_.size());
  endpoints_.pop_back();
  connection_ = std::make_shared<ClientConnection>(io_);
  timer_.expires_after(std::max(share, std::chrono::milliseconds(1)));
  timer_.async_wait([self = shared_from_this(), number = ++watch_number_](const Error& error) {
    if (error || number != self->watch_number_) return;
    self->on_connected(asio::error::timed_out);
  });
  connection_->socket.async_connect(
      endpoint, [self = shared_from_this(), tried = connection_](const Error& error) {
        if (self->callback_ && tried == self->connection_) self->on_connected(error);
      });
}

void ClientExchange::on_connected(const Error& error) {
  ++watch_number_;
  if (!error) {
    ::fcntl(connection_->socket.native_handle(), F_SETFD, FD_CLOEXEC);
    Error ignored;
    connection_->socket.set_option(Tcp::no_delay(true), ignored);
    return talk();
  }
  drop_connection();
  if (!endpoints_.empty()) return connect_next();
  fail("It cannot be reached: " + error.message() + ". Check that the server runs there.");
}

void ClientExchange::talk() {
  talked_ = true;
  sent_ = 0;
  input_.clear();
  begin_response();
  watch(request_.idle_timeout, "Nothing came for too long.");
  write_more();
  read_more();
}

void ClientExchange::begin_response() {
  parser_.emplace();
  parser_->eager(true);
  parser_->skip(request_.method == "HEAD");
  parser_->body_limit(request_.body_bytes_max);
  parser_->header_limit(static_cast<std::uint32_t>(tuning::kResponseHeadBytesMax));
}

void ClientExchange::write_more() {
  if (sent_ == output_.size()) return;
  connection_->socket.async_write_some(
      asio::buffer(output_) + sent_,
      [self = shared_from_this(), used = connection_](const Error& error, std::size_t bytes) {
        if (!self->callback_ || used != self->connection_) return;
        // A server may answer and close before it has read all: what reading says decides.
        if (error) return;
        self->sent_ += bytes;
        self->watch(self->request_.idle_timeout, "Nothing came for too long.");
        self->write_more();
      });
}

void ClientExchange::read_more() {
  connection_->socket.async_read_some(
      asio::buffer(connection_->read_buffer),
      [self = shared_from_this(), used = connection_](const Error& error, std::size_t bytes) {
        if (self->callback_ && used == self->connection_) self->on_read(error, bytes);
      });
}

void ClientExchange::on_read(const Error& error, std::size_t bytes) {
  if (error) return on_end(error);
  watch(request_.idle_timeout, "The response stopped in the middle for too long.");
  input_.append(connection_->read_buffer.data(), bytes);
  parse();
}

void ClientExchange::on_end(const Error& error) {
  const bool no_byte_yet = !parser_->got_some() && input_.empty();
  if (no_byte_yet && reused_) {
    reused_ = false;
    drop_connection();
    return open_connection();
  }
  if (no_byte_yet)
    return fail("The connection ended before the response: " + error.message() + ".");
  Error incomplete;
  if (error == asio::error::eof) parser_->put_eof(incomplete);
  if (error == asio::error::eof && !incomplete) return on_response();
  fail("The connection ended in the middle of the response: " + error.message() + ".");
}

void ClientExchange::parse() {
  // Boost 1.74 asserts when "0\r\n" and the line that ends it come apart; five bytes always follow.
  const bool in_chunks = parser_->is_header_done() && parser_->chunked();
  if (in_chunks && input_.size() < 5) return read_more();
  Error error;
  input_.erase(0, parser_->put(asio::buffer(input_), error));
  const bool incomplete = error == http::error::need_more;
  if (error == http::error::body_limit) {
    return fail("The response is larger than the " + std::to_string(request_.body_bytes_max) +
                " bytes taken here.");
  }
  if ((error && !incomplete) || input_.size() > tuning::kResponseHeadBytesMax) {
    return fail("The response is not valid HTTP/1.1: " + error.message() + ".");
  }
  if (!parser_->is_done()) return read_more();
  const bool interim = parser_->get().result_int() / 100 == 1;
  if (!interim) return on_response();
  begin_response();
  if (input_.empty()) return read_more();
  parse();
}

void ClientExchange::on_response() {
  HttpResponse response;
  response.status = static_cast<int>(parser_->get().result_int());
  for (const auto& field : parser_->get()) {
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(parser_->get().body());
  const bool reusable =
      parser_->keep_alive() && !parser_->need_eof() && input_.empty() && sent_ == output_.size();
  if (reusable) pool_.give_back(url_, std::exchange(connection_, nullptr));
  finish(std::move(response));
}

void ClientExchange::fail(std::string_view message) {
  finish(failure(talked_ ? ErrorCode::in_doubt : ErrorCode::retry,
                 "The request to " + place() + " failed. " + std::string(message)));
}

void ClientExchange::finish(Result<HttpResponse> result) {
  const auto self = shared_from_this();
  const HttpClient::Callback callback = std::exchange(callback_, nullptr);
  if (!callback) return;
  ++watch_number_;
  timer_.cancel();
  resolver_.cancel();
  drop_connection();
  pool_.forget(id_);
  try {
    callback(std::move(result));
  } catch (const std::exception& error) {
    log::error("http client", std::string("A callback threw: ") + error.what() +
                                  ". It was ignored; fix the callback.");
  }
}

void ClientExchange::drop_connection() {
  if (!connection_) return;
  Error ignored;
  std::exchange(connection_, nullptr)->socket.close(ignored);
}

/// `message` outlives the wait: it is a literal.
void ClientExchange::watch(std::chrono::milliseconds timeout, std::string_view message) {
  timer_.expires_after(timeout);
  timer_.async_wait(
      [self = shared_from_this(), number = ++watch_number_, message](const Error& error) {
        if (!error && number == self->watch_number_) self->fail(message);
      });
}

std::string ClientExchange::place() const {
  return url_.host.empty() ? shown(request_.url) : url_.host + " port " + std::to_string(url_.port);
}

}  // namespace patchbay::net
