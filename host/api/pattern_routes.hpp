// PatternRoutes: everything under /api/patterns/<pattern>/: rows, writes, rejected writes.
// Desk -> checked request -> port -> answer. On the API's strand; owned by the desk.
#pragma once

#include <string>

#include "api_server.hpp"
#include "event_feed.hpp"
#include "exchange.hpp"
#include "loop.hpp"
#include "status_board.hpp"

namespace patchbay::api {

class PatternRoutes {
 public:
  PatternRoutes(const StatusBoard& board, const EventFeed& feed, ApiPoster poster)
      : board_(board), feed_(feed), poster_(std::move(poster)) {}

  /// Answers the exchange, now or later; `segments` of its path are api, patterns, name, …
  void serve(const Exchange& exchange);

 private:
  void rows(const Exchange& exchange, PatternPort& port);
  /// False, and answered with 404, for a table the instance does not have.
  [[nodiscard]] bool has_table(const Exchange& exchange, const std::string& table) const;
  void answer_rows(const Exchange& exchange, const RowsRequest& request,
                   const std::vector<ViewRow>& rows) const;
  void submit(const Exchange& exchange, PatternPort& port);
  void write_status(const Exchange& exchange, PatternPort& port);
  void rejected_list(const Exchange& exchange, PatternPort& port);
  void rejected_one(const Exchange& exchange, PatternPort& port, bool retry);
  void retry_or_discard(const Exchange& exchange, const WriteId& id, bool retry);

  /// Answers what submit or retry came to; a refusal is looked up for its details first.
  void answer_write(const Exchange& exchange, const WriteId& id, const Result<WriteStatus>& result);
  /// A callback for a port that brings the answer back to the strand.
  template <typename Answer>
  [[nodiscard]] auto on_strand(Answer answer) const {
    return [poster = poster_, answer = std::move(answer)](auto value) {
      poster.post([answer, value = std::move(value)] { answer(value); });
    };
  }

  const StatusBoard& board_;
  const EventFeed& feed_;
  ApiPoster poster_;
};

}  // namespace patchbay::api
