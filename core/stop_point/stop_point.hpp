// stop_point: named places at which a test can end the process as a power failure would. The steps
// of a durable pattern, and the runner, pass one before and after each commit.
//
//   PATCHBAY_STOP_AT=<name>[:<n>]   SIGKILL when the place of that name is passed for the n-th time
//
// Compiled in unless the build type is Release: there stop_point() is empty. No part of the SDK.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#ifdef PATCHBAY_STOP_POINTS
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#endif

namespace patchbay {

/// The name of every stop point, in the order in which a write passes them.
inline constexpr std::array<std::string_view, 23> kStopPoints{
    "start.before_commit",    //  1 the store of an earlier run: what other programs wrote meanwhile
    "start.committed",        //  2
    "write.before_commit",    //  3 a write of the app
    "write.committed",        //  4
    "local.before_commit",    //  5 a write of another program
    "local.committed",        //  6
    "sending.before_commit",  //  7 the mark that writes may be sent from now on
    "sending.committed",      //  8
    "outcome.before_commit",  //  9 the server's verdict
    "outcome.committed",      // 10
    "divided.before_commit",  // 11 the parts of a write that the server refused as one
    "divided.committed",      // 12
    "stage.before_commit",    // 13 a slice of a reset
    "stage.committed",        // 14
    "batch.before_commit",    // 15 the stream's changes, settlements and position
    "batch.committed",        // 16
    "close.before_commit",    // 17 a predecessor's store refuses what other programs write
    "close.committed",        // 18
    "adopt.before_commit",    // 19 what a predecessor hands over
    "adopt.committed",        // 20
    "swap.recorded",          // 21 the host's record of the module that holds the writes
    "open.before_commit",     // 22 the successor's store takes what other programs write
    "open.committed",         // 23
};

/// A name in kStopPoints; any other name does not compile.
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

#ifdef PATCHBAY_STOP_POINTS

namespace stopping {

/// Where the environment asks this process to end: at the given passing of the named stop point.
struct StopRequest {
  std::string_view name;
  std::uint32_t passing = 1;
};

/// Reads PATCHBAY_STOP_AT; the name is "" when it is not set.
[[nodiscard]] inline StopRequest requested_stop() noexcept {
  const char* text = std::getenv("PATCHBAY_STOP_AT");
  if (text == nullptr) return {};
  StopRequest request{text, 1};
  const std::size_t colon = request.name.find(':');
  if (colon == std::string_view::npos) return request;
  const std::string_view count = request.name.substr(colon + 1);
  std::from_chars(count.data(), count.data() + count.size(), request.passing);
  request.name = request.name.substr(0, colon);
  return request;
}

}  // namespace stopping

/// Ends the process if the environment asks for this passing of `point`. A module counts its own
/// passings. [any thread]
inline void stop_point(StopPoint point) noexcept {
  static const stopping::StopRequest kRequest = stopping::requested_stop();
  if (kRequest.name != point.name()) return;
  static std::atomic<std::uint32_t> passings{0};
  if (++passings == kRequest.passing) std::raise(SIGKILL);
}

#else

/// Does nothing in a release build. [any thread]
inline void stop_point(StopPoint) noexcept {}

#endif

}  // namespace patchbay
