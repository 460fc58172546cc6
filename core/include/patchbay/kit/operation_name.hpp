// The names of operations, as requests, writes in flight and durable stores spell them.
// Pure, header-only. [any thread]
#pragma once

#include <optional>
#include <patchbay/write.hpp>
#include <string_view>

namespace patchbay {

[[nodiscard]] constexpr std::string_view operation_name(OperationKind kind) noexcept {
  switch (kind) {
    case OperationKind::insert:
      return "insert";
    case OperationKind::update:
      return "update";
    case OperationKind::remove:
      return "delete";
  }
  return "";
}

/// Nothing when no operation has that name.
[[nodiscard]] constexpr std::optional<OperationKind> operation_named(
    std::string_view name) noexcept {
  for (const auto kind : {OperationKind::insert, OperationKind::update, OperationKind::remove}) {
    if (operation_name(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace patchbay
