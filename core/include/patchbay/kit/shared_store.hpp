// SharedStore: a pattern whose store other programs write by SQL, as a host sees it that puts a
// pattern of another plugin in its place: what they write later would be read by nobody. An
// optional interface, which Pattern::extension gives. Host -> pattern, at the cut.
#pragma once

#include <cstdint>
#include <patchbay/effects.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/result.hpp>
#include <string_view>

namespace patchbay {

inline constexpr std::string_view kSharedStoreName = "patchbay.shared_store";
inline constexpr std::uint32_t kSharedStoreRevision = 1;

/// The store of one pattern. Lives as long as the pattern.
class SharedStore {
 public:
  virtual ~SharedStore() = default;
  /// Takes in what other programs wrote until now and, in the same transaction, has the store
  /// refuse what they write later, with a sentence that names `successor`, the plugin that takes
  /// over. A store that is closed already is closed again. A later on_local_change opens it, as the
  /// pattern is not replaced then; so does its next start, and the first on_local_change after it
  /// has adopted. ErrorCode::retry: the store cannot be written now, and stays open. [strand]
  virtual Result<void> close(std::string_view successor, Effects& effects) = 0;
};

/// The shared store of this pattern; null when it has none. [strand]
[[nodiscard]] inline SharedStore* shared_store(Pattern& pattern) {
  return static_cast<SharedStore*>(pattern.extension(kSharedStoreName, kSharedStoreRevision));
}

}  // namespace patchbay
