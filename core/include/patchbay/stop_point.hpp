// stop_point: places where a test can end the process as a power cut would. A pattern, the runner
// or the host passes one before and after each commit and each effect outside the process.
//
//   PATCHBAY_STOP_AT=<name>[:<n>]   SIGKILL when the place of this name is passed for the n-th time
//
// Costs a look at a static otherwise. Header-only; a module counts its own passings.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace patchbay {

/// All of them, in the order a write meets them: docs and tests take them from here.
inline constexpr std::array<std::string_view, 17> kStopPoints{
    "start.before_commit",    //  1 the store of an earlier run: what others wrote meanwhile
    "start.committed",        //  2
    "write.before_commit",    //  3 a write of the app
    "write.committed",        //  4
    "local.before_commit",    //  5 a write of another process
    "local.committed",        //  6
    "sending.before_commit",  //  7 that writes may have left from now on
    "sending.committed",      //  8
    "outcome.before_commit",  //  9 the server's verdict
    "outcome.committed",      // 10
    "stage.before_commit",    // 11 a slice of a reset
    "stage.committed",        // 12
    "batch.before_commit",    // 13 the stream's changes, settlements and position
    "batch.committed",        // 14
    "adopt.before_commit",    // 15 what a predecessor hands over
    "adopt.committed",        // 16
    "swap.recorded",          // 17 the host's record of the module that holds the writes
};

/// A name of that list; any other does not compile.
class StopPoint {
 public:
  template <std::size_t N>
  consteval StopPoint(const char (&name)[N]) : name_(name, N - 1) {
    if (std::ranges::find(kStopPoints, name_) == kStopPoints.end()) throw "no such stop point";
  }
  [[nodiscard]] constexpr std::string_view name() const noexcept { return name_; }

 private:
  std::string_view name_;
};

namespace stopping {

/// What the environment asks for.
struct Wish {
  std::string_view name;
  std::uint32_t passings = 1;
};

[[nodiscard]] inline Wish wish() noexcept {
  const char* text = std::getenv("PATCHBAY_STOP_AT");
  if (text == nullptr) return {};
  Wish wish{text, 1};
  const std::size_t colon = wish.name.find(':');
  if (colon == std::string_view::npos) return wish;
  const std::string_view count = wish.name.substr(colon + 1);
  std::from_chars(count.data(), count.data() + count.size(), wish.passings);
  wish.name = wish.name.substr(0, colon);
  return wish;
}

}  // namespace stopping

/// Passes a stop point. [any thread]
inline void stop_point(StopPoint point) noexcept {
  static const stopping::Wish kWish = stopping::wish();
  if (kWish.name != point.name()) return;
  static std::atomic<std::uint32_t> passings{0};
  if (++passings == kWish.passings) std::raise(SIGKILL);
}

}  // namespace patchbay
