#include "immutable_pattern.hpp"

#include <memory>

#include "immutable_rows.hpp"

namespace patchbay::immutable {
namespace {

constexpr std::uint32_t kApplicationId = 0x50'42'49'4D;  // "PBIM"

sqlite::SqlitePatternParts parts() {
  return {"immutable.db", kApplicationId, 1,
          [](sqlite::Store& store, Host& host, sqlite::Journal& journal, sqlite::LocalLog&) {
            return std::make_unique<ImmutableRows>(store, host, journal);
          }};
}

}  // namespace

ImmutablePattern::ImmutablePattern() : SqlitePattern(parts()) {}

}  // namespace patchbay::immutable
