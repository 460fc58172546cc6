#include "runtime/local_changes.hpp"

#include <patchbay/kit/shared_store.hpp>

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
  bool found = false;
  const Result<void> result = run([&](Effects& effects) -> Result<void> {
    const Result<bool> looked = slot_.pattern->on_local_change(effects);
    if (!looked) return tl::unexpected(looked.error());
    found = *looked;
    return {};
  });
  if (!result) return tl::unexpected(result.error());
  if (found) reader_.announce_touched();
  return found;
}

Result<void> LocalChanges::close(const std::string& successor) {
  Result<void> closed = run([&](Effects& effects) -> Result<void> {
    if (SharedStore* store = shared_store(*slot_.pattern)) return store->close(successor, effects);
    const Result<bool> looked = slot_.pattern->on_local_change(effects);
    return looked ? Result<void>() : tl::unexpected(looked.error());
  });
  if (closed) reader_.announce_touched();
  return closed;
}

/// An error is ErrorCode::retry; any other fails the pattern, of which nothing is asked then.
Result<void> LocalChanges::run(const StepLoop::Run& step) {
  if (!watch_ || !loop_.is_running()) return {};
  const Result<void> result = loop_.run_now(step);
  if (result || result.error().code == ErrorCode::retry) return result;
  loop_.fail(result.error().message);
  return {};
}

}  // namespace patchbay
