// ModelStream and ModelGateway: what lies between a device and the model server, both ways, under
// the script's hand: nothing moves until it is told to. World -> these -> ModelServer. No test
// framework; one thread.
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

/// The read path: each `poll` is one answer, up to its up-to-date, with the evidence that the real
/// stream would carry.
class ModelStream final : public StreamSource {
 public:
  ModelStream(ModelServer& server, Executor& executor) : server_(server), executor_(executor) {}

  void subscribe(std::shared_ptr<StreamSubscriber> subscriber,
                 std::vector<std::string> tables) override;
  void unsubscribe(std::shared_ptr<StreamSubscriber> subscriber) override;
  void ask(std::string table) override;

  /// Delivers what the table's stream has not brought yet, from at most so many commits; after a
  /// failover, all of it anew.
  void poll(const std::string& table, std::size_t commits_max = SIZE_MAX);
  /// must-refetch: a new handle, and all rows as they are now.
  void refetch(const std::string& table);
  /// Nothing of this table gets through until `release`.
  void hold(const std::string& table) { held_.insert(table); }
  void release(const std::string& table) { held_.erase(table); }
  void release_all() { held_.clear(); }

  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }

 private:
  struct Shape {
    std::uint64_t handle = 0;  ///< 0: nothing has come yet.
    std::size_t next_commit = 0;
    ModelServer::Rows rows;          ///< As the last answer left them.
    Evidence recent;                 ///< Of this handle; told to whoever joins.
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

/// The write path: holds the one request in flight until the script says what becomes of it.
class ModelGateway final : public WriteGateway {
 public:
  explicit ModelGateway(ModelServer& server) : server_(server) {}

  void send(std::vector<OutgoingWrite> writes, Callback callback) override;
  void void_write(const WriteId& write, Callback callback) override;
  /// Both answered at once: no script is about them.
  void ask_outcome(Write write, Callback callback) override;
  void ask_time(Callback callback) override { callback({}, server_.now_s()); }

  [[nodiscard]] bool waiting() const noexcept { return request_.has_value(); }
  /// Requests that left the device.
  [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
  /// The server does what is asked; its answer stays under way.
  void arrive();
  /// The answer comes to the device; the request arrives first, if it had not.
  void answer();
  /// The request arrived, its answer never does.
  void lose_answer();
  /// The request never arrived, and nobody can tell.
  void lose_request();
  /// The connection was refused: the server never saw the request.
  void refuse_connection();
  /// Whoever asked is gone, and so is the request.
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
