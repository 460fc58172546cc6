// ShapeProxy: GET /<table> as a long poll at Electric. The app chooses where in the stream it is;
// table and secret are set here. Service -> ShapeProxy -> HttpClient -> the reply, without waiting.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "rows/table_name.hpp"

namespace patchbay::backend {

class ShapeProxy {
 public:
  using Answer = std::function<void(net::HttpResponse)>;

  /// `client` outlives this object.
  ShapeProxy(net::HttpClient& client, std::string electric_url, std::string secret);

  /// A table, and names of columns as column_list joins them; "" for all.
  struct Shape {
    rows::TableName table;
    std::string columns;
  };

  /// Sends the request upstream and answers later, on a thread of the client; a peer that
  /// disconnects first cancels the request.
  void serve(const Shape& shape, const net::ServerRequest& request, net::ServerReply& reply,
             Answer answer);

 private:
  [[nodiscard]] std::string url_for(const Shape& shape, const net::ServerRequest& request) const;

  net::HttpClient& client_;
  std::string base_;
  net::QueryParameters fixed_;
};

}  // namespace patchbay::backend
