#include "patterns/module_watch.hpp"

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <utility>
#include "patterns/tuning.hpp"

namespace patchbay::patterns {
namespace {

/// The identity of a file, and of what was last written to it; another one for each build.
using Stamp = std::tuple<std::uint64_t, std::int64_t, std::int64_t, std::int64_t>;

Stamp stamp_of(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

}  // namespace

class ModuleWatch::State : public std::enable_shared_from_this<State> {
 public:
  State(Parts parts, std::filesystem::path file, std::function<void()> changed)
      : parts_(std::move(parts)),
        file_(std::move(file)),
        changed_(std::move(changed)),
        loaded_(stamp_of(file_)) {}

  Result<void> begin() {
    auto watched = parts_.files.watch(file_, *parts_.strand, [weak = weak_from_this()] {
      if (const auto state = weak.lock()) state->wait(stamp_of(state->file_));
    });
    if (!watched) return tl::unexpected(watched.error());
    id_ = *watched;
    return {};
  }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  void end() {
    ended_ = true;
    parts_.files.unwatch(id_);
  }

 private:
  void wait(const Stamp& seen) {
    if (ended_ || std::exchange(waiting_, true)) return;
    // The timer keeps the strand that it posts to.
    parts_.clock.after(kSettleTime, *parts_.strand,
                       [state = shared_from_this(), seen] { state->look(seen); });
  }
  void look(const Stamp& seen) {
    waiting_ = false;
    const Stamp now = stamp_of(file_);
    if (ended_ || now == Stamp{} || now == loaded_) return;
    if (now != seen) return wait(now);
    loaded_ = now;
    changed_();
  }

  Parts parts_;
  const std::filesystem::path file_;
  const std::function<void()> changed_;
  Stamp loaded_;
  WatchedFileId id_ = 0;
  bool waiting_ = false;
  std::atomic<bool> ended_{false};
};

Result<std::unique_ptr<ModuleWatch>> ModuleWatch::begin(Parts parts, std::filesystem::path file,
                                                        std::function<void()> changed) {
  auto state = std::make_shared<State>(std::move(parts), std::move(file), std::move(changed));
  if (auto begun = state->begin(); !begun) return tl::unexpected(begun.error());
  return std::unique_ptr<ModuleWatch>(new ModuleWatch(std::move(state)));
}

const std::filesystem::path& ModuleWatch::file() const noexcept {
  return state_->file();
}

ModuleWatch::~ModuleWatch() {
  state_->end();
}

}  // namespace patchbay::patterns
