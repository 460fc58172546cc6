// Caller: the client that asked, and how it gets the answer.
// ShapeRequests → WaitingRequests. A value; what it points to lives as long as the service.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http_server.hpp"

namespace patchbay::embedded {

class Caller {
 public:
  /// `allowed_origins`: of pages, see for_origin.
  Caller(const net::ServerRequest& request, std::shared_ptr<net::ServerReply> reply,
         const std::vector<std::string>& allowed_origins);

  /// Answers. A HEAD gets the headers alone. [any thread]
  void send(net::HttpResponse response) const;
  /// See ServerReply::on_closed.
  void on_closed(std::function<void()> callback) const { reply_->on_closed(std::move(callback)); }
  [[nodiscard]] bool is_head() const noexcept { return is_head_; }

 private:
  std::shared_ptr<net::ServerReply> reply_;
  std::string origin_;  ///< Of the page that asks; "" when none does.
  const std::vector<std::string>* allowed_origins_;
  bool is_head_;
};

}  // namespace patchbay::embedded
