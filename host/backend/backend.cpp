#include "backend/backend.hpp"

#include <algorithm>
#include <optional>

#include "access/access.hpp"
#include "access/origin.hpp"
#include "backend/body_json.hpp"
#include "backend/route.hpp"
#include "backend/service.hpp"
#include "backend/tuning.hpp"
#include "database/database_url.hpp"

namespace patchbay::backend {
namespace {

Result<ExposedTables> read_tables(const std::vector<std::string>& texts) {
  ExposedTables tables;
  for (const std::string& text : texts) {
    auto name = rows::TableName::parse(text, rows::BareParts::exact);
    if (!name) {
      return failure(ErrorCode::rejected,
                     "The table name '" + text +
                         "' cannot be read; write name or "
                         "schema.name, in double quotes where it contains a dot or a quote.");
    }
    if (is_reserved(name->exact_text())) {
      return failure(ErrorCode::rejected, "The table '" + text +
                                              "' cannot be exposed, because its name "
                                              "is a route of the backend; rename the table.");
    }
    if (find_table(tables, *name) == nullptr) tables.push_back({std::move(*name)});
  }
  return tables;
}

Result<void> add_options(const std::vector<TableOptions>& all, ExposedTables& tables) {
  for (const TableOptions& options : all) {
    const auto name = rows::TableName::parse(options.name, rows::BareParts::exact);
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const auto& one) { return name && one.name == *name; });
    if (found == tables.end()) {
      return failure(ErrorCode::rejected, "The table '" + options.name +
                                              "' has options but is not exposed; add it to the "
                                              "tables.");
    }
    found->columns_except = options.columns_except;
    for (const auto& [column, text] : options.insert_defaults) {
      auto value = parse_body(text);
      if (!value) return tl::make_unexpected(std::move(value.error()));
      found->insert_defaults.emplace_back(column, std::move(*value));
    }
  }
  return {};
}

std::optional<Error> wrong_url(const BackendOptions& options) {
  const auto database = DatabaseUrl::parse(options.database_url);
  if (!database) return database.error();
  net::Url url;
  if (!options.electric_url.empty() && !net::parse_url(options.electric_url, url)) {
    return Error{ErrorCode::rejected, "The Electric URL '" + options.electric_url +
                                          "' is malformed; write http://host:port/v1/shape."};
  }
  return std::nullopt;
}

net::HttpServerOptions server_options(const BackendOptions& options, const Service& service) {
  net::HttpServerOptions server;
  server.address = options.address;
  server.port = options.port;
  server.body_bytes_max = [](std::string_view, std::string_view path) {
    return path == "/changes" ? kChangesBodyBytesMax : kBodyBytesMax;
  };
  server.error_response = [&service](int status, std::string_view message) {
    return service.server_error(status, message);
  };
  return server;
}

class RunningBackend final : public Backend {
 public:
  explicit RunningBackend(std::unique_ptr<Service> service) : service_(std::move(service)) {}
  ~RunningBackend() override { stop(); }

  Result<void> listen(const BackendOptions& options) {
    auto server = net::start_http_server(server_options(options, *service_),
                                         [&service = *service_](auto request, auto reply) {
                                           service.handle(std::move(request), std::move(reply));
                                         });
    if (!server) return tl::make_unexpected(std::move(server.error()));
    server_ = std::move(*server);
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return server_->port(); }

  void begin() override { service_->begin(); }

  void stop() override {
    if (server_) server_->stop();
    service_->stop();
  }

 private:
  std::unique_ptr<Service> service_;
  std::unique_ptr<net::HttpServer> server_;  // goes first: its thread calls the service
};

}  // namespace

Result<void> check_access(const BackendOptions& options) {
  auto origins = access::check_origins("backend.allowed_origins", options.allowed_origins);
  if (!origins) return origins;
  return access::check_listener("The backend", options.address, options.token,
                                "a token (backend.token, or --token of patchbay backend)");
}

Result<std::unique_ptr<Backend>> bind_backend(BackendOptions options) {
  if (auto error = wrong_url(options)) return tl::make_unexpected(std::move(*error));
  if (auto checked = check_access(options); !checked) {
    return tl::make_unexpected(std::move(checked.error()));
  }
  auto tables = read_tables(options.tables);
  if (!tables) return tl::make_unexpected(std::move(tables.error()));
  auto added = add_options(options.table_options, *tables);
  if (!added) return tl::make_unexpected(std::move(added.error()));
  auto backend =
      std::make_unique<RunningBackend>(std::make_unique<Service>(options, std::move(*tables)));
  auto listening = backend->listen(options);
  if (!listening) return tl::make_unexpected(std::move(listening.error()));
  return backend;
}

Result<std::unique_ptr<Backend>> start_backend(BackendOptions options) {
  auto backend = bind_backend(std::move(options));
  if (backend) (*backend)->begin();
  return backend;
}

}  // namespace patchbay::backend
