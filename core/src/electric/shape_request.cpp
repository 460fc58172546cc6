#include "electric/shape_request.hpp"

#include <string>
#include <utility>

#include "electric/tuning.hpp"

namespace patchbay::electric {
namespace {

void add(net::QueryParameters& parameters, const char* name, const std::string& value) {
  if (!value.empty()) parameters.emplace_back(name, value);
}

}  // namespace

net::HttpRequest make_shape_request(const ShapeOptions& options, const RequestPlan& plan,
                                    std::uint64_t cache_buster) {
  net::QueryParameters parameters = options.parameters;
  parameters.insert(parameters.end(), options.credentials.begin(), options.credentials.end());
  add(parameters, "table", options.table);
  add(parameters, "where", options.where);
  add(parameters, "columns", options.columns);
  add(parameters, "offset", plan.offset);
  add(parameters, "handle", plan.handle);
  add(parameters, "cursor", plan.cursor);
  add(parameters, "expired_handle", plan.expired_handle);
  if (plan.live) parameters.emplace_back("live", "true");
  if (plan.bust_cache) parameters.emplace_back("cache-buster", std::to_string(cache_buster));

  net::HttpRequest request;
  const char separator = options.url.find('?') == std::string::npos ? '?' : '&';
  request.url = options.url + separator + net::sorted_query(std::move(parameters));
  request.headers.add("Accept", "application/json");
  request.idle_timeout = tuning::kShapeIdleTimeout;
  request.body_bytes_max = tuning::kShapeBodyBytesMax;
  return request;
}

}  // namespace patchbay::electric
