// Fakes around the shapes in tests without a database: a catalogue and snapshots that answer
// when the test says so, replies that record their answer, and values of a table "items".
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "embedded/sync/shape_store.hpp"
#include "embedded/sync/table_catalogue.hpp"
#include "embedded/sync/table_snapshots.hpp"
#include "net/http_server.hpp"

namespace patchbay::embedded {

inline TableDefinition table_named(const std::string& name, std::uint32_t id) {
  TableDefinition table;
  table.id = id;
  table.name = {"public", name};
  table.columns = {{"id", 23, -1, "int4", true, 0, 0}, {"title", 25, -1, "text", false, 0, -1}};
  table.key = {0};
  table.state = "state";
  return table;
}

inline ShapeKey key_of(const std::string& name) {
  return {{"public", name}};
}

/// One inserted row of each table.
inline TransactionPtr transaction_on(std::uint64_t lsn,
                                     const std::vector<TableDefinition>& tables) {
  auto transaction = std::make_shared<Transaction>();
  transaction->lsn = lsn;
  transaction->end_lsn = lsn + 1;
  transaction->txid = static_cast<std::uint32_t>(1'000 + lsn);
  for (const auto& table : tables) {
    auto relation = std::make_shared<const Relation>(Relation{
        table.id, table.name.schema, table.name.name, 'f', {{"id", 23, -1}, {"title", 25, -1}}});
    const Tuple row = {{Cell::Kind::text, std::to_string(lsn)}, {Cell::Kind::text, "t"}};
    transaction->changes.push_back(
        {relation, {RowOperation::insert, table.id, std::nullopt, false, row}});
  }
  return transaction;
}

inline LoadedSnapshot empty_snapshot_at(std::uint64_t lsn_after) {
  const SnapshotVisibility visibility{100, 100, {}};
  return {{visibility.snapshot_end_message()}, visibility, lsn_after, "state"};
}

/// Holds every question until the test answers it.
class FakeCatalogue final : public TableCatalogue {
 public:
  struct Description {
    TableName table;
    std::function<void(Result<TableAnswer>)> callback;
  };
  struct States {
    std::vector<std::uint32_t> tables;
    std::function<void(Result<std::vector<TableState>>)> callback;
  };

  void describe(TableName name, std::string,
                std::function<void(Result<TableAnswer>)> callback) override {
    descriptions.push_back({std::move(name), std::move(callback)});
  }
  void states(std::vector<std::uint32_t> tables, std::string,
              std::function<void(Result<std::vector<TableState>>)> callback) override {
    looks.push_back({std::move(tables), std::move(callback)});
  }
  void answer(const Result<TableAnswer>& answer) {
    const auto asked = std::exchange(descriptions, {});
    for (const auto& one : asked) one.callback(answer);
  }

  std::vector<Description> descriptions;
  std::vector<States> looks;
};

class FakeSnapshots final : public TableSnapshots {
 public:
  void start(SnapshotJob job, Callback callback) override {
    jobs.push_back(job.table.name.name);
    callbacks.push_back(std::move(callback));
  }
  void answer(const Result<LoadedSnapshot>& answer) {
    const auto asked = std::exchange(callbacks, {});
    for (const auto& callback : asked) callback(answer);
  }

  std::vector<std::string> jobs;  ///< Names of the tables, of all times.
  std::vector<Callback> callbacks;
};

/// Records the answer.
class RecordedReply final : public net::ServerReply {
 public:
  void send(net::HttpResponse response) override { answer = std::move(response); }
  void start_stream(net::HttpResponse) override {}
  bool write(std::string) override { return false; }
  [[nodiscard]] std::size_t backlog_bytes() const override { return 0; }
  void end_stream() override {}
  [[nodiscard]] bool closed() const override { return false; }
  void on_closed(std::function<void()> callback) override { close = std::move(callback); }

  std::optional<net::HttpResponse> answer;
  std::function<void()> close;
};

}  // namespace patchbay::embedded
