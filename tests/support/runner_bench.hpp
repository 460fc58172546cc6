// RunnerBench: a PatternRunner with everything around it faked and run by hand: stream, gateway,
// clock, one executor for all strands. Events print as they come. For the tests of the runner.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/pattern_runner.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/fake_host.hpp"
#include "support/runner_fakes.hpp"

namespace patchbay::test {

class RunnerBench {
 public:
  explicit RunnerBench(std::unique_ptr<Pattern> pattern,
                       std::map<std::string, std::string> settings = {},
                       std::vector<std::string> tables = {"items"}, ModuleDescription module = {},
                       std::filesystem::path data_directory = {})
      : runner({executor, executor, clock, stream, gateway, events},
               {"test", std::move(tables), std::move(settings), std::move(data_directory)},
               std::move(module), PatternOwner(pattern.release(), [](Pattern* one) { delete one; }),
               {}) {
    runner.start();
    run();
  }

  void run() { executor.run_all(); }
  void pass(Clock::Duration time) { clock.advance(time, executor); }

  /// Delivers a batch, of items when it names no table.
  void deliver(StreamBatch batch) {
    if (batch.table == nullptr) batch.table = &items_schema();
    if (batch.handle.empty()) batch.handle = "h1";
    stream.publish(std::move(batch));
    run();
  }
  void reset(const std::vector<RowRef>& rows, Evidence evidence = {}) {
    StreamBatch batch;
    batch.reset = true;
    for (const RowRef& row : rows) batch.changes.push_back({row, false});
    batch.evidence = std::move(evidence);
    deliver(std::move(batch));
  }
  void change(const std::vector<Change>& changes, Evidence evidence = {}) {
    StreamBatch batch;
    batch.changes = changes;
    batch.evidence = std::move(evidence);
    deliver(std::move(batch));
  }

  /// Submits "insert|update id title" or "delete id" as write `number`; the answer comes to
  /// `answers[number]`.
  void submit(std::uint32_t number, OperationKind kind, const std::string& id,
              const std::string& title = {}) {
    WriteRequest request;
    request.id = sim::write_id(number);
    RequestedOperation operation{kind, "items", {}, {}};
    if (kind != OperationKind::insert) operation.key = {{"id", id}};
    if (kind == OperationKind::insert) operation.set = {{"id", id}, {"title", title}};
    if (kind == OperationKind::update) operation.set = {{"title", title}};
    request.operations.push_back(std::move(operation));
    runner.submit(std::move(request), [this, number](const Result<WriteStatus>& status) {
      answers[number] = status ? "ok" : std::string(to_string(status.error().code));
    });
    run();
  }
  void acknowledge(std::uint64_t txid, std::uint64_t lsn, const std::string& system = "s1") {
    gateway.answer(std::vector<Verdict>(gateway.count, Acknowledgement{txid, lsn, system}));
    run();
  }
  void refuse(const std::string& message) {
    Rejection rejection;
    rejection.status = 409;
    rejection.message = message;
    gateway.answer(std::vector<Verdict>(gateway.count, rejection));
    run();
  }

  /// "1:milk*  2:eggs": the view, `*` where a write is unfinished.
  [[nodiscard]] std::string view() {
    std::string text = "?";
    runner.read({"items", {}, {}, {}, {}, {}}, [&](const Result<std::vector<ViewRow>>& rows) {
      text = rows ? "" : std::string(to_string(rows.error().code));
      if (!rows) return;
      for (const ViewRow& row : *rows) {
        text += (text.empty() ? "" : "  ") + sim::print(*row.row) + (row.pending ? "*" : "");
      }
    });
    run();
    return text;
  }

  sim::ManualExecutor executor;
  sim::ManualClock clock;
  FakeStream stream;
  FakeGateway gateway;
  PrintedEvents events;
  std::map<std::uint32_t, std::string> answers;
  PatternRunner runner;
};

}  // namespace patchbay::test
