#include "sim/model_network.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::sim {
namespace {

/// The table's newest state of each row that these commits changed, in the order they changed.
class MergedChanges {
 public:
  void add(const RowRef& row, bool gone) {
    const std::string key = key_text(*row);
    const auto [place, fresh] = places_.try_emplace(key, changes.size());
    if (fresh) {
      changes.push_back({row, gone});
    } else {
      changes[place->second] = {row, gone};
    }
  }

  std::vector<Change> changes;

 private:
  std::map<std::string, std::size_t> places_;
};

void add_write_id(const Row& row, Evidence& evidence) {
  const auto column = row.schema().find("write_id");
  if (!column) return;
  if (const auto id = WriteId::parse(row.cell(*column).text)) evidence.write_ids.push_back(*id);
}

/// Adds the stream's message about one changed row; false without one, as equal values leave none.
bool add_message(const RowChange& change, MergedChanges& merged, Evidence& evidence) {
  if (change.before && change.after && same_cells(*change.before, *change.after)) return false;
  if (change.before && !change.after) merged.add(change.before, true);
  if (!change.after) return true;
  merged.add(change.after, false);
  add_write_id(*change.after, evidence);
  return true;
}

}  // namespace

void ModelStream::subscribe(std::shared_ptr<StreamSubscriber> subscriber,
                            std::vector<std::string> tables) {
  subscribers_.push_back(subscriber);
  for (const std::string& table : tables) {
    if (shapes_[table].handle == 0) {
      refetch(table);
    } else {
      bring_all(*subscriber, table);
    }
  }
}

void ModelStream::unsubscribe(std::shared_ptr<StreamSubscriber> subscriber) {
  std::erase_if(subscribers_, [&](const auto& one) { return one.get() == subscriber.get(); });
}

/// Gives a new subscriber the rows as the others have them.
void ModelStream::bring_all(StreamSubscriber& subscriber, const std::string& table) {
  const Shape& shape = shapes_.at(table);
  StreamBatch batch;
  batch.table = schema_of(table);
  batch.reset = true;
  for (const auto& [key, row] : shape.rows) batch.changes.push_back({row, false});
  batch.evidence = shape.recent;
  place(batch, shape);
  subscriber.on_stream_batch(std::make_shared<const StreamBatch>(std::move(batch)));
}

const TableSchema* ModelStream::schema_of(const std::string& table) const {
  const auto found = std::ranges::find_if(
      server_.tables(), [&](const ModelTable& one) { return one.schema->name == table; });
  return found->schema;
}

void ModelStream::ask(std::string table) {
  ++asked_;
  executor_.post([this, table = std::move(table)] { poll(table); });
}

void ModelStream::poll(const std::string& table, std::size_t commits_max) {
  const auto found = shapes_.find(table);
  if (found == shapes_.end() || held_.contains(table)) return;
  Shape& shape = found->second;
  if (shape.system != server_.system()) return refetch(table);
  StreamBatch batch;
  MergedChanges merged;
  const auto& log = server_.log();
  for (; shape.next_commit < log.size() && commits_max > 0; ++shape.next_commit, --commits_max) {
    const Commit& commit = log[shape.next_commit];
    bool told = false;
    for (const RowChange& change : commit.changes) {
      if (change.table != table) continue;
      told = add_message(change, merged, batch.evidence) || told;
    }
    if (told) batch.evidence.txids.push_back(static_cast<std::uint32_t>(commit.txid));
  }
  batch.table = schema_of(table);
  batch.changes = std::move(merged.changes);
  batch.evidence.proven_lsn = shape.reported_lsn;
  if (shape.next_commit > 0) shape.reported_lsn = log[shape.next_commit - 1].lsn;
  deliver(std::move(batch), shape);
}

void ModelStream::refetch(const std::string& table) {
  if (held_.contains(table)) return;
  Shape& shape = shapes_[table];
  shape = {++handles_, server_.log().size(), {}, {}, server_.seen_lsn(), server_.system()};
  StreamBatch batch;
  batch.table = schema_of(table);
  batch.reset = true;
  for (const auto& [key, row] : server_.rows(table)) {
    batch.changes.push_back({row, false});
    add_write_id(*row, batch.evidence);
  }
  batch.evidence.snapshot = Snapshot{server_.next_txid(), server_.next_txid(), {}};
  deliver(std::move(batch), shape);
}

/// A handle of another process is another handle.
void ModelStream::place(StreamBatch& batch, const Shape& shape) const {
  const std::string run =
      server_.runs_before() == 0 ? "" : "r" + std::to_string(server_.runs_before());
  batch.handle = run + "h" + std::to_string(shape.handle);
  batch.offset = std::to_string(shape.next_commit) + "_0";
}

void ModelStream::deliver(StreamBatch batch, Shape& shape) {
  place(batch, shape);
  for (const Change& change : batch.changes) {
    if (change.gone) {
      shape.rows.erase(key_text(*change.row));
    } else {
      shape.rows.insert_or_assign(key_text(*change.row), change.row);
    }
  }
  const Evidence& more = batch.evidence;
  std::ranges::copy(more.txids, std::back_inserter(shape.recent.txids));
  std::ranges::copy(more.write_ids, std::back_inserter(shape.recent.write_ids));
  if (more.snapshot) shape.recent.snapshot = more.snapshot;
  shape.recent.proven_lsn = more.proven_lsn;
  const auto shared = std::make_shared<const StreamBatch>(std::move(batch));
  for (const auto& one : subscribers_) one->on_stream_batch(shared);
}

void ModelGateway::send(std::vector<OutgoingWrite> writes, Callback callback) {
  ++requests_;
  request_ = Request{std::move(writes), {}, std::move(callback), {}};
}

void ModelGateway::void_write(const WriteId& write, Callback callback) {
  ++requests_;
  request_ = Request{{}, write, std::move(callback), {}};
}

void ModelGateway::ask_outcome(Write write, Callback callback) {
  const std::optional<Verdict> known = server_.outcome(write.id);
  callback(known ? std::vector<Verdict>{*known} : std::vector<Verdict>{}, server_.now_s());
}

void ModelGateway::arrive() {
  if (!request_ || !request_->verdicts.empty()) return;
  if (request_->writes.empty()) request_->verdicts = {server_.void_write(request_->voided)};
  for (const OutgoingWrite& one : request_->writes) {
    request_->verdicts.push_back(server_.apply(one));
  }
}

void ModelGateway::answer() {
  if (!request_) return;
  arrive();
  finish(request_->verdicts, server_.now_s());
}

void ModelGateway::lose_answer() {
  arrive();
  lose_request();
}

void ModelGateway::lose_request() {
  fail({"The connection broke before an answer came.", {}, false, false, false});
}

void ModelGateway::answer_elsewhere() {
  fail({"A proxy answered with a page.", {}, false, false, true});
}

void ModelGateway::refuse_connection() {
  fail({"The connection was refused.", {}, true, false, false});
}

void ModelGateway::fail(const Unknown& why) {
  if (!request_) return;
  finish(std::vector<Verdict>(std::max<std::size_t>(request_->writes.size(), 1), why), 0);
}

void ModelGateway::finish(std::vector<Verdict> verdicts, std::int64_t date_s) {
  const Request request = *std::exchange(request_, std::nullopt);
  request.callback(std::move(verdicts), date_s);
}

}  // namespace patchbay::sim
