#include "swap/live_server.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

/// How often the stream brings what is new.
constexpr auto kInterval = 5ms;
constexpr unsigned kIntervalsOfASecond = 20;  // the model's seconds are short

Unknown broken(bool answered) {
  return {
      answered ? "503 Service Unavailable" : "The connection broke.", {}, false, false, answered};
}

}  // namespace

LiveServer::LiveServer(std::vector<sim::ModelTable> tables, IoPool& pool, std::uint32_t seed)
    : pool_(pool),
      strand_(pool.make_strand()),
      random_(seed),
      server_(std::move(tables)),
      stream_(server_, *strand_) {
  std::vector<std::string> names;
  for (const auto& table : server_.tables()) names.push_back(table.schema->name);
  strand_->post([this, names] {
    stream_.subscribe({std::shared_ptr<void>(), static_cast<StreamSubscriber*>(this)}, names);
    advance();
  });
}

LiveServer::~LiveServer() {
  pool_.stop();
}

void LiveServer::inspect(const std::function<void(const sim::ModelServer&)>& look) {
  std::promise<void> done;
  strand_->post([&] {
    look(server_);
    done.set_value();
  });
  done.get_future().wait();
}

bool LiveServer::happens(unsigned percent) {
  return faults_ && random_() % 100 < percent;
}

void LiveServer::advance() {
  if (++intervals_ % kIntervalsOfASecond == 0) server_.pass(1);
  if (cut_ticks_ == 0 && happens(1)) cut_ticks_ = 20 + random_() % 40;
  if (!faults_) cut_ticks_ = 0;
  if (cut_ticks_ > 0) {
    --cut_ticks_;
  } else if (polled_ != server_.log().size() || intervals_ % kIntervalsOfASecond == 0) {
    polled_ = server_.log().size();
    for (const auto& table : server_.tables()) {
      const std::string& name = table.schema->name;
      happens(1) ? stream_.refetch(name) : stream_.poll(name);
    }
  }
  pool_.clock().after(kInterval, *strand_, [this] { advance(); });
}

void LiveServer::on_stream_batch(StreamBatchRef batch) {
  Shown& shown = shown_[batch->table->name];
  if (batch->reset) {
    shown.rows.clear();
    shown.last.evidence = {};
    shown.last.evidence.snapshot = batch->evidence.snapshot;
  }
  for (const Change& change : batch->changes) {
    if (change.gone) {
      shown.rows.erase(key_text(*change.row));
    } else {
      shown.rows[key_text(*change.row)] = change.row;
    }
  }
  Evidence& evidence = shown.last.evidence;
  const Evidence& more = batch->evidence;
  evidence.txids.insert(evidence.txids.end(), more.txids.begin(), more.txids.end());
  evidence.write_ids.insert(evidence.write_ids.end(), more.write_ids.begin(), more.write_ids.end());
  evidence.proven_lsn = more.proven_lsn;
  shown.last.table = batch->table;
  shown.last.handle = batch->handle;
  shown.last.offset = batch->offset;
  for (const auto& one : subscribers_) {
    if (one.tables.contains(batch->table->name)) one.runner->on_stream_batch(batch);
  }
}

StreamBatchRef LiveServer::whole(const Shown& shown) {
  auto batch = std::make_shared<StreamBatch>(shown.last);
  batch->reset = true;
  for (const auto& [key, row] : shown.rows) batch->changes.push_back({row, false});
  return batch;
}

void LiveServer::subscribe(std::shared_ptr<StreamSubscriber> one, std::vector<std::string> tables) {
  strand_->post([this, one = std::move(one), tables = std::move(tables)] {
    subscribers_.push_back({one, {tables.begin(), tables.end()}});
    for (const std::string& table : tables) one->on_stream_batch(whole(shown_.at(table)));
  });
}

void LiveServer::unsubscribe(std::shared_ptr<StreamSubscriber> one) {
  strand_->post([this, one = std::move(one)] {
    std::erase_if(subscribers_,
                  [&](const Subscriber& known) { return known.runner.get() == one.get(); });
  });
}

void LiveServer::ask(std::string table) {
  strand_->post([this, table = std::move(table)] {
    if (cut_ticks_ == 0) stream_.poll(table);
  });
}

void LiveServer::send(std::vector<OutgoingWrite> writes, Callback callback) {
  strand_->post([this, writes = std::move(writes), callback = std::move(callback)] {
    if (happens(10)) return callback(std::vector<Verdict>(writes.size(), broken(true)), 0);
    std::vector<Verdict> verdicts;
    const std::size_t done = happens(10) ? random_() % (writes.size() + 1) : writes.size();
    for (std::size_t at = 0; at < done; ++at) verdicts.push_back(server_.apply(writes[at]));
    const bool lost = done < writes.size() || happens(10);
    if (lost) verdicts.assign(writes.size(), broken(false));
    callback(std::move(verdicts), lost ? 0 : server_.now_s());
  });
}

void LiveServer::void_write(const WriteId& write, Callback callback) {
  strand_->post([this, write, callback = std::move(callback)] {
    callback({server_.void_write(write)}, server_.now_s());
  });
}

void LiveServer::ask_time(Callback callback) {
  strand_->post([this, callback = std::move(callback)] { callback({}, server_.now_s()); });
}

}  // namespace patchbay::test
