// The surroundings of a runner where only the runner matters: a backend that takes writes and never
// answers, a stream that brings one batch to each subscriber, and a listener that does nothing. For
// tests and benchmarks; owned by them, on the runner's strand.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "port/pattern_port.hpp"
#include "stream/stream_source.hpp"
#include "write/gateway.hpp"

namespace patchbay::sim {

class AbsentBackend : public WriteGateway {
 public:
  void send(std::vector<OutgoingWrite>, Callback) override {}
  void void_write(const WriteId&, Callback) override {}
  void ask_time(Callback) override {}
};

class QuietStream final : public StreamSource {
 public:
  explicit QuietStream(StreamBatchRef batch = {}) : batch_(std::move(batch)) {}
  void set_batch(StreamBatchRef batch) { batch_ = std::move(batch); }

  void subscribe(std::shared_ptr<StreamSubscriber> one, std::vector<std::string>) override {
    if (batch_) one->on_stream_batch(batch_);
  }
  void unsubscribe(std::shared_ptr<StreamSubscriber>) override {}
  void ask(std::string) override {}

 private:
  StreamBatchRef batch_;
};

class NobodyListens final : public PatternEvents {
 public:
  void on_row_changed(const std::string&, const ViewRow&) override {}
  void on_row_gone(const std::string&, const RowRef&) override {}
  void on_table_changed(const std::string&, const std::string&) override {}
  void on_write_state(const std::string&, const WriteStatus&) override {}
  void on_pattern_status(const PatternStatus&) override {}
};

}  // namespace patchbay::sim
