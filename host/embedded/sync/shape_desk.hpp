// ShapeDesk: takes requests, lets them wait for what they need, answers them; the strand on which
// all shapes live. From HTTP server and stream → ShapeStore → answers; asks CatalogueThread and
// SnapshotLoads. Owned by the service, which ends all of these before the desk.
//
// A request waits for one thing at a time, each with its own end:
//
//   database ──► shape ──► changes ──► answer      out of bounds ──► 400
//      503        503      up-to-date
//                           │   ▲
//                database   ▼   │  database
//                away      recovery  back
//                              503
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "access/access.hpp"
#include "embedded/sync/catalogue_thread.hpp"
#include "embedded/sync/replication_stream.hpp"
#include "embedded/sync/served_tables.hpp"
#include "embedded/sync/shape_answers.hpp"
#include "embedded/sync/shape_store.hpp"
#include "embedded/sync/snapshot_loads.hpp"
#include "embedded/sync/unreadable_tables.hpp"
#include "net/http_server.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

struct DeskOptions {
  access::Door door;
  std::string secret;
  std::chrono::milliseconds long_poll{20'000};
  ShapeLimits limits;
  std::function<void()> on_connected;  ///< See SyncOptions.
  std::filesystem::path shapes_file;   ///< See SyncOptions.
  ServedTables tables;
};

class ShapeDesk final : public StreamListener {
 public:
  ShapeDesk(DeskOptions options, CatalogueThread& catalogue, SnapshotLoads& loads,
            Executor& executor, Clock& clock);

  /// Begins to watch the catalogue. [startup]
  void start();
  /// What a service before this one left, before `start`. [startup]
  [[nodiscard]] const KeptShapes& kept() const noexcept { return kept_; }
  /// What was to be kept soon is kept now. Once the strand has ended.
  void finish_keeping();
  /// [any thread]
  void handle(std::shared_ptr<const net::ServerRequest> request,
              std::shared_ptr<net::ServerReply> reply);

  void stream_started(const StreamStart& start) override;
  void stream_lost(StreamTrouble trouble, const std::string& message) override;
  void stream_silent(const std::string& message) override;
  void transaction_received(TransactionPtr transaction) override;
  void reached(std::uint64_t position, bool waits) override;
  [[nodiscard]] std::uint64_t confirmed() const override { return confirmed_; }
  [[nodiscard]] std::size_t backlog_bytes() const override { return backlog_bytes_; }

 private:
  enum class Wait : std::uint8_t { nothing, database, shape, changes, recovery, bounds };
  /// Who asked, and what the answer must look like for that.
  struct Caller {
    std::shared_ptr<net::ServerReply> reply;
    std::string origin;                               ///< Of the page that asks; "" when none does.
    const std::vector<std::string>* allowed_origins;  ///< Those of the desk.
    bool head = false;

    void send(net::HttpResponse response) const;
  };
  struct Parked {
    ShapeRequest request;
    Caller caller;
    Wait wait = Wait::nothing;
    TimerId timer = 0;
  };
  using ParkedId = std::uint64_t;

  void route(const net::ServerRequest& request, const Caller& caller);
  void delete_shape(const net::ServerRequest& request, const Caller& caller);
  [[nodiscard]] std::optional<net::HttpResponse> refusal(const net::ServerRequest& request) const;
  [[nodiscard]] bool is_authorized(const net::ServerRequest& request) const;
  [[nodiscard]] std::string_view health() const;
  [[nodiscard]] Troubles troubles();

  void park(ShapeRequest request, const Caller& caller);
  /// Answers the request if it can be answered now; else it waits on.
  void look_at(ParkedId id);
  void look_at_all();
  void look_at_all(const ShapeKey& key);
  [[nodiscard]] std::optional<net::HttpResponse> answer(Parked& parked);
  [[nodiscard]] net::HttpResponse answer_late(const Parked& parked);
  void wait_for(ParkedId id, Parked& parked, Wait wait);
  void finish(ParkedId id, net::HttpResponse response);
  [[nodiscard]] AnswerMoment moment();

  void describe(const ShapeKey& key);
  void described(const ShapeKey& key, const Result<TableAnswer>& result);
  void describe_awaited();
  void resume(const std::string& handle, const TableAnswer& table);
  void load(const Shape& shape);
  void loaded(const std::string& handle, Result<LoadedSnapshot> result);
  /// The shape is no more: who waits on it refetches.
  void end_shape(const std::string& handle);
  void refetch_waiting(const std::string& handle);
  void fail_waiting(const ShapeKey& key, const net::HttpResponse& response);

  /// Leaves the shapes as they are for the next service, whose stream goes on from `position`.
  void keep(std::uint64_t position);
  /// Soon, once for all shapes made meanwhile: each writes the whole file.
  void keep_soon();

  void apply(const TransactionPtr& transaction);
  void started(const StreamStart& start);
  void watch_catalogue();
  [[nodiscard]] std::vector<const Shape*> next_watched();
  void compare_states(const std::map<std::string, std::string>& expected,
                      const std::map<std::string, std::uint32_t>& tables,
                      const std::vector<TableState>& found);

  DeskOptions options_;
  CatalogueThread& catalogue_;
  SnapshotLoads& loads_;
  Executor& executor_;
  Clock& clock_;
  std::atomic<std::size_t> backlog_bytes_{0};

  /// What is before may be forgotten by the server.
  std::atomic<std::uint64_t> confirmed_{0};

  KeptShapes kept_;
  bool keeping_soon_ = false;
  bool keeps_ = true;  ///< The last time its file could be written.
  std::uint64_t last_reached_ = 0;
  ShapeStore store_;
  bool connected_ = false;
  StreamTrouble trouble_ = StreamTrouble::starting;
  std::string problem_ = "The database is being connected to.";
  std::string silence_;                        ///< See StreamListener.
  std::uint64_t first_txid_ = 0;               ///< See StreamStart.
  std::string publication_;                    ///< See StreamStart.
  std::string last_watched_;                   ///< The handle of a shape.
  std::optional<Clock::TimePoint> looked_at_;  ///< The catalogue has not answered since.
  UnreadableTables unreadable_;
  std::set<ShapeKey> describing_;
  std::map<ParkedId, Parked> parked_;
  ParkedId last_parked_ = 0;
  std::uint64_t answers_ = 0;
};

}  // namespace patchbay::embedded
