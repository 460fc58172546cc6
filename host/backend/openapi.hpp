// The OpenAPI 3.1 description of the routes, for the tables as they are now. Tables -> openapi_text
// -> GET /openapi.json. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/catalogue.hpp"

namespace patchbay::backend {

[[nodiscard]] std::string openapi_text(const std::vector<std::shared_ptr<const Table>>& tables,
                                       bool needs_token);

}  // namespace patchbay::backend
