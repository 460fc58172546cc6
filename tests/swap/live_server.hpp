// LiveServer: the model server and both ways to it, running by themselves on one strand, with
// faults drawn from a seed: requests that fail before or after they did something, a stream that is
// cut, and must-refetch. Runner under proof <-> here. Made for proofs with real threads and real
// time.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "runtime/asio_executor.hpp"
#include "sim/model_network.hpp"
#include "sim/model_server.hpp"

namespace patchbay::test {

class LiveServer final : public StreamSource, public WriteGateway, private StreamSubscriber {
 public:
  LiveServer(std::vector<sim::ModelTable> tables, IoPool& pool, std::uint32_t seed);
  ~LiveServer() override;
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  void set_faults(bool on) { faults_ = on; }
  /// Runs `look` on the server's strand, and waits.
  void inspect(const std::function<void(const sim::ModelServer&)>& look);

  void subscribe(std::shared_ptr<StreamSubscriber> one, std::vector<std::string> tables) override;
  void unsubscribe(std::shared_ptr<StreamSubscriber> one) override;
  void ask(std::string table) override;

  void send(std::vector<OutgoingWrite> writes, Callback callback) override;
  void void_write(const WriteId& write, Callback callback) override;
  void ask_time(Callback callback) override;

 private:
  /// The part of a table that the stream has shown so far.
  struct Shown {
    std::map<std::string, RowRef> rows;
    StreamBatch last;  ///< Without changes; its evidence is all there was since the reset.
  };

  struct Subscriber {
    std::shared_ptr<StreamSubscriber> runner;
    std::set<std::string> tables;
  };

  void on_stream_batch(StreamBatchRef batch) override;
  [[nodiscard]] static StreamBatchRef whole(const Shown& shown);
  void advance();
  [[nodiscard]] bool happens(unsigned percent);

  IoPool& pool_;
  std::unique_ptr<Executor> strand_;
  std::atomic<bool> faults_{true};
  std::mt19937 random_;
  sim::ModelServer server_;
  sim::ModelStream stream_;
  std::map<std::string, Shown> shown_;
  std::vector<Subscriber> subscribers_;
  std::size_t intervals_ = 0;
  std::size_t cut_ticks_ = 0;
  std::size_t polled_ = 0;
};

}  // namespace patchbay::test
