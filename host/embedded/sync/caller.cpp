#include "embedded/sync/caller.hpp"

#include <utility>

#include "embedded/sync/shape_answers.hpp"

namespace patchbay::embedded {

Caller::Caller(const net::ServerRequest& request, std::shared_ptr<net::ServerReply> reply,
               const std::vector<std::string>& allowed_origins)
    : reply_(std::move(reply)),
      origin_(request.headers.get("origin")),
      allowed_origins_(&allowed_origins),
      is_head_(request.method == "HEAD") {}

void Caller::send(net::HttpResponse response) const {
  if (is_head_) response.body.clear();
  reply_->send(for_origin(std::move(response), origin_, *allowed_origins_));
}

}  // namespace patchbay::embedded
