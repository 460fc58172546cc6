// Waits of the program: its start, its end, and its questions to other parts, with unit and effect.
// Used by the files of this folder only.
#pragma once

#include <chrono>
#include <cstddef>

namespace patchbay::app {

/// Between two questions, and how long an answer may take: together well below 5 s.
inline constexpr std::chrono::milliseconds kPartsWatchInterval{1'000};
inline constexpr std::chrono::milliseconds kWatchPatience{2'000};
/// How long the start waits for the backend, and for the streams; how often it looks.
inline constexpr std::chrono::seconds kReadyTimeout{3};
inline constexpr std::chrono::milliseconds kReadyPoll{10};
/// How long one question to a backend that hangs may hold the start, or its end by a signal.
inline constexpr std::chrono::milliseconds kAnswerPatience{1'000};
/// How long after it stopped a stream is started again: its table may be there by then.
inline constexpr std::chrono::seconds kStoppedStreamRetryDelay{5};
/// The longest wait for a question. The host itself waits 1 s for a pattern that hangs.
inline constexpr std::chrono::milliseconds kReadPatience{3'000};
/// The longest wait for a change: longer than the host gives a swap.
inline constexpr std::chrono::minutes kChangePatience{11};
/// From the first signal to the end of the process at the latest.
inline constexpr std::chrono::milliseconds kStopPatience{8'000};

}  // namespace patchbay::app
