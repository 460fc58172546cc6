#include "runtime/local_changes.hpp"

namespace patchbay {

void LocalChanges::watch() {
  if (slot_.host->watched_files().empty()) return;
  watch_ = std::make_unique<FileWatch>(parts_, slot_.name(), slot_.host->watched_files(),
                                       [this] { return look(); });
}

FileWatch::Look LocalChanges::look() {
  const Result<bool> found = take();
  if (!loop_.is_running()) return FileWatch::Look::end;
  if (!found) return FileWatch::Look::later;
  return *found ? FileWatch::Look::found : FileWatch::Look::nothing;
}

Result<bool> LocalChanges::take() {
  if (!watch_ || !loop_.is_running()) return false;
  bool found = false;
  const auto result = loop_.run_now([&](Effects& effects) -> Result<void> {
    const Result<bool> looked = slot_.pattern->on_local_change(effects);
    if (!looked) return tl::unexpected(looked.error());
    found = *looked;
    return {};
  });
  if (!result && result.error().code == ErrorCode::retry) return tl::unexpected(result.error());
  if (!result) loop_.fail(result.error().message);
  if (found) reader_.announce_touched();
  return found;
}

}  // namespace patchbay
