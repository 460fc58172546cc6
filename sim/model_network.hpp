// ModelStream and ModelGateway: the network between a device and the model server. Nothing moves
// until a script says so. World -> these -> ModelServer, and back. Owned by the world, without a
// test framework; one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/model_server.hpp"
#include "strand/executor.hpp"
#include "stream/stream_source.hpp"

namespace patchbay::sim {

/// The read path. Each `poll` is one answer, up to its up-to-date, with the evidence that the real
/// stream would carry.
class ModelStream final : public StreamSource {
 public:
  ModelStream(ModelServer& server, Executor& executor) : server_(server), executor_(executor) {}

  void subscribe(std::shared_ptr<StreamSubscriber> subscriber,
                 std::vector<std::string> tables) override;
  void unsubscribe(std::shared_ptr<StreamSubscriber> subscriber) override;
  void ask(std::string table) override;

  /// Delivers what the table's stream has not brought yet, of at most so many commits; after a
  /// failover, all rows again.
  void poll(const std::string& table, std::size_t commits_max = SIZE_MAX);
  /// Answers must-refetch: a new handle, and all rows as they are now.
  void refetch(const std::string& table);
  /// Lets nothing of this table through until `release`.
  void hold(const std::string& table) { held_.insert(table); }
  void release(const std::string& table) { held_.erase(table); }
  void release_all() { held_.clear(); }

  /// How often a subscriber asked for a table.
  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }

 private:
  struct Shape {
    std::uint64_t handle = 0;  ///< 0: nothing has come yet.
    std::size_t next_commit = 0;
    ModelServer::Rows rows;          ///< As the last answer left them.
    Evidence recent;                 ///< Of this handle; for new subscribers.
    std::uint64_t reported_lsn = 0;  ///< By the last answer of this handle.
    std::string system;
  };

  void deliver(StreamBatch batch, Shape& shape);
  void bring_all(StreamSubscriber& subscriber, const std::string& table);
  [[nodiscard]] const TableSchema* schema_of(const std::string& table) const;
  void place(StreamBatch& batch, const Shape& shape) const;

  ModelServer& server_;
  Executor& executor_;
  std::vector<std::shared_ptr<StreamSubscriber>> subscribers_;
  std::map<std::string, Shape> shapes_;
  std::set<std::string> held_;
  std::uint64_t handles_ = 0;
  std::size_t asked_ = 0;
};

/// The write path. Holds the one request in flight until the script says what becomes of it.
class ModelGateway final : public WriteGateway {
 public:
  explicit ModelGateway(ModelServer& server) : server_(server) {}

  void send(std::vector<OutgoingWrite> writes, Callback callback) override;
  void void_write(const WriteId& write, Callback callback) override;
  /// Answers immediately, as does ask_time: no script is about these requests.
  void ask_outcome(Write write, Callback callback) override;
  void ask_time(Callback callback) override { callback({}, server_.now_s()); }

  /// Whether a request is in flight.
  [[nodiscard]] bool waiting() const noexcept { return request_.has_value(); }
  /// How many requests have left the device.
  [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
  /// Brings the request to the server, which does what is asked; its answer is still in flight.
  void arrive();
  /// Brings the answer to the device, after the request has arrived at the server.
  void answer();
  /// Ends the request with an answer that is lost.
  void lose_answer();
  /// Ends the request before it arrives; the device cannot know that.
  void lose_request();
  /// Ends the request before it arrives, with an answer of something on the way.
  void answer_elsewhere();
  /// Ends the request by a refused connection: the device knows that the server never saw it.
  void refuse_connection();
  /// Drops the request, as the end of the device's process does.
  void forget() { request_.reset(); }

 private:
  struct Request {
    std::vector<OutgoingWrite> writes;
    WriteId voided;
    Callback callback;
    std::vector<Verdict> verdicts;  ///< Once it has arrived.
  };

  void fail(const Unknown& why);
  void finish(std::vector<Verdict> verdicts, std::int64_t date_s);

  ModelServer& server_;
  std::optional<Request> request_;
  std::size_t requests_ = 0;
};

}  // namespace patchbay::sim
