#include "runtime/local_changes.hpp"

namespace patchbay {

void LocalChanges::watch() {
  if (slot_.host->watched_files().empty()) return;
  watch_ = std::make_unique<FileWatch>(parts_, slot_.name(), slot_.host->watched_files(),
                                       [this] { return look(); });
}

FileWatch::Look LocalChanges::look() {
  if (!watch_) return FileWatch::Look::nothing;
  if (!loop_.is_running()) return FileWatch::Look::end;
  bool found = false;
  const auto result = loop_.run_now([&](Effects& effects) -> Result<void> {
    const Result<bool> looked = slot_.pattern->on_local_change(effects);
    if (!looked) return tl::unexpected(looked.error());
    found = *looked;
    return {};
  });
  if (!result && result.error().code == ErrorCode::retry) return FileWatch::Look::later;
  if (!result) {
    loop_.fail(result.error().message);
    return FileWatch::Look::end;
  }
  if (found) reader_.announce_touched();
  return found ? FileWatch::Look::found : FileWatch::Look::nothing;
}

}  // namespace patchbay
