// Makes the HTTP request of a RequestPlan. Pure: the shape follower sends it. Parameters are
// sorted, so that equal requests are equal bytes and caches can collapse them.
#pragma once

#include <cstdint>

#include "electric/shape_options.hpp"
#include "electric/shape_state.hpp"
#include "net/http_client.hpp"

namespace patchbay::electric {

/// `cache_buster` is used only where the plan asks for one.
[[nodiscard]] net::HttpRequest make_shape_request(const ShapeOptions& options,
                                                  const RequestPlan& plan,
                                                  std::uint64_t cache_buster);

}  // namespace patchbay::electric
