// WriteGateway: the seam between the write queue and the backend's REST API.
// Queue -> gateway -> backend, and the outcomes back. The real one (RestGateway) speaks HTTP; tests
// script one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <patchbay/write.hpp>
#include <string>
#include <variant>
#include <vector>

namespace patchbay {

/// The server committed the write.
struct Acknowledgement {
  std::uint64_t txid = 0;  ///< xid8.
  std::uint64_t lsn = 0;
  std::string system;  ///< System identifier and timeline; another one voids older answers.
};

/// No verdict: what happened is unknown, or nothing happened. Sent again with the same write_id.
struct Unknown {
  std::string reason;
  std::optional<std::chrono::milliseconds> retry_after;
  bool never_sent = false;       ///< No connection was made: the server cannot have seen it.
  bool unauthorized = false;     ///< 401: hold until new credentials.
  bool server_answered = false;  ///< An answer of the backend or of something before it came.
  bool by_backend = false;       ///< The backend's own word that it cannot decide now.
};

/// The backend refuses a provisional write: no verdict, as the write that it was sent past may
/// explain that.
struct RefusedForNow {
  std::string reason;
};

using Verdict = std::variant<Acknowledgement, Rejection, Unknown, RefusedForNow>;

/// One write as the gateway sends it.
struct OutgoingWrite {
  Write write;
  std::int64_t sent_after_s = 0;  ///< 0: first time.
  bool provisional = false;       ///< Sent past an earlier write that has no outcome.
};

class WriteGateway {
 public:
  /// One verdict for each write, in their order; `date_s` is the answer's Date (0: none). Called
  /// on a thread of the gateway, or from inside the call that asks: post, and return immediately.
  using Callback = std::function<void(std::vector<Verdict> verdicts, std::int64_t date_s)>;

  virtual ~WriteGateway() = default;
  /// Sends a lone write of one operation by its REST route, anything else by POST /changes. Not
  /// called again before the callback. [any thread]
  virtual void send(std::vector<OutgoingWrite> writes, Callback callback) = 0;
  /// DELETE /writes/<write_id>: the outcome recorded, or from now on a refusal. [any thread]
  virtual void void_write(const WriteId& write, Callback callback) = 0;
  /// Asks what the backend has recorded of this write, which changes nothing there: one verdict, or
  /// none where nothing is recorded, or one Unknown that says why that cannot be told. Operations
  /// are compared: other ones than those recorded are a Rejection. At any time, beside `send`.
  /// [any thread]
  virtual void ask_outcome(Write write, Callback callback) {
    static_cast<void>(write);
    callback({Unknown{"there is nobody to ask.", {}, true, false, false}}, 0);
  }
  /// Asks for the backend's own time: no verdicts and its Date, or one Unknown that says why not.
  /// Called like `send`. [any thread]
  virtual void ask_time(Callback callback) = 0;
};

}  // namespace patchbay
