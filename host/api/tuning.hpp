// Every bound of the local API, with its unit and what reaching it does.
// Used by the files of this folder only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::api {

/// Bytes of a request's body. More: 413.
constexpr std::size_t kBodyBytesMax = 1U << 20U;
/// Arrays and objects inside each other in a JSON body. Deeper: 400.
constexpr std::size_t kJsonDepthMax = 32;
/// Values in a JSON body, nested ones included. More: 400.
constexpr std::size_t kJsonValuesMax = 100'000;
/// Operations of one write. More: 400.
constexpr std::size_t kOperationsMax = 1'000;
/// Conditions of one question for rows. More: 400.
constexpr std::size_t kConditionsMax = 32;
/// Rows of an answer when the question names no limit; `next` continues.
constexpr std::uint64_t kRowsDefault = 1'000;
/// The highest limit a question may name. More: 400.
constexpr std::uint64_t kRowsMax = 10'000;
/// Bytes of rows in one answer. Reached: the answer ends early and `next` continues.
constexpr std::size_t kAnswerBytesMax = 16U << 20U;
/// Readers of /api/events at one time. More: 503.
constexpr std::size_t kSubscribersMax = 64;
/// Bytes of events that wait for one slow reader. More: it misses the events after the one that
/// went beyond, and gets another hello when it has taken in what waits.
constexpr std::size_t kEventBacklogBytesMax = 1U << 20U;
/// Row events that wait for the API's own strand. More: every reader has missed some.
constexpr std::size_t kQueuedRowEventsMax = 20'000;
/// How long until a reader that missed events is looked at again, and the interval of a burst.
constexpr std::chrono::milliseconds kCatchUpInterval{100};
/// The largest burst a reader may name. More: 400.
constexpr std::size_t kBurstMax = 100'000;
/// Connections at one time. More: refused by the server.
constexpr std::size_t kConnectionsMax = 256;
/// How long a status waits for a pattern's answer before it shows the last one known.
constexpr std::chrono::milliseconds kStatusWait{1'000};
/// How long a question that changes nothing waits for a pattern's answer: for its rows and for what
/// became of a write, and for what it has at hand. Longer: 503, and what comes then is dropped.
constexpr std::chrono::milliseconds kReadWait{10'000};
constexpr std::chrono::milliseconds kListWait{2'000};
/// A call of a module that lasts longer is shown in status and log; how often that is looked at.
constexpr std::chrono::milliseconds kLongStep{2'000};
constexpr std::chrono::milliseconds kStepWatch{500};
/// Silence on an event stream before a comment is sent, so that dead connections are found.
constexpr std::chrono::milliseconds kKeepAlive{15'000};
/// How long a reader is told to wait before it connects again, in milliseconds.
constexpr int kReconnectMs = 1'000;
/// Bytes of one file of the page. Larger ones are refused when the API starts.
constexpr std::size_t kWebFileBytesMax = 4U << 20U;

}  // namespace patchbay::api
