// PatternRoutes: everything under /api/patterns/<pattern>/: rows, writes, rejected writes.
// RequestRouter -> checked request -> port -> answer. On the API's strand; owned by the
// RequestRouter.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api_server.hpp"
#include "event_feed.hpp"
#include "exchange.hpp"
#include "loop.hpp"
#include "status_board.hpp"
#include "tuning.hpp"

namespace patchbay::api {

class PatternRoutes {
 public:
  PatternRoutes(const StatusBoard& board, const EventFeed& feed, ApiPoster poster)
      : board_(board), feed_(feed), poster_(std::move(poster)) {}

  /// Answers the exchange, now or later; `segments` of its path are api, patterns, name, …
  void serve(const Exchange& exchange);

 private:
  void rows(const Exchange& exchange, PatternPort& port);
  /// Answers with 404 and returns false for a table that the instance does not have.
  [[nodiscard]] bool has_table(const Exchange& exchange, const std::string& table) const;
  void answer_rows(const Exchange& exchange, const RowsRequest& request,
                   const std::vector<ViewRow>& rows) const;
  void submit(const Exchange& exchange, PatternPort& port);
  void write_status(const Exchange& exchange, PatternPort& port);
  void rejected_list(const Exchange& exchange, PatternPort& port);
  void rejected_one(const Exchange& exchange, PatternPort& port, bool retry);
  void retry_or_discard(const Exchange& exchange, const WriteId& id, bool retry);

  /// Answers with the result of submit or retry; a refusal is looked up for its details first.
  void answer_write(const Exchange& exchange, const WriteId& id, const Result<WriteStatus>& result);
  /// A callback for a port that brings the answer back to the strand.
  template <typename Answer>
  [[nodiscard]] auto on_strand(Answer answer) const {
    return [poster = poster_, answer = std::move(answer)](auto value) {
      poster.post([answer, value = std::move(value)] { answer(value); });
    };
  }

  /// As on_strand, for a question that changes nothing: after `wait` the exchange is answered with
  /// 503 and what the pattern does, and a later answer is dropped.
  template <typename Answer>
  [[nodiscard]] auto in_time(const Exchange& exchange, std::chrono::milliseconds wait,
                             Answer answer) const {
    auto open = std::make_shared<std::optional<Exchange>>(exchange);
    poster_.post_after(wait, [this, open] {
      if (*open) send_busy(*std::exchange(*open, std::nullopt));
    });
    return on_strand([open, answer = std::move(answer)](const auto& value) {
      if (std::exchange(*open, std::nullopt)) answer(value);
    });
  }
  void send_busy(const Exchange& exchange) const;

  const StatusBoard& board_;
  const EventFeed& feed_;
  ApiPoster poster_;
};

}  // namespace patchbay::api
