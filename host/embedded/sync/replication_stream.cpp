#include "embedded/sync/replication_stream.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "embedded/sync/pg_connection.hpp"
#include "embedded/sync/slot_setup.hpp"
#include "embedded/sync/table_definition.hpp"
#include "embedded/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kUndefinedObject = "42704";  // the publication is gone
constexpr const char* kNotInState = "55000";       // the slot was invalidated

std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

struct ReplicationStream::State {
  State(StreamOptions wanted, StreamListener& told)
      : options(std::move(wanted)),
        listener(told),
        position(options.position),
        system(options.system) {}

  StreamOptions options;
  StreamListener& listener;
  std::atomic<bool> stopping{false};
  std::atomic<bool> finished{false};
  int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::mutex connection_mutex;  // the destructor interrupts a connection its thread blocks on
  std::unique_ptr<PgConnection> connection;
  std::thread thread;

  /// Everything before is handed over: where the next connection continues.
  std::uint64_t position;
  std::string system;
  std::string slot;           ///< Of the last connection.
  bool history_lost = false;  ///< Until the listener has been told.
  std::uint64_t awaited = 0;  ///< The server waits for its confirmation.
  steady_clock::time_point status_due;
  steady_clock::time_point heard;
  std::string said;  ///< The trouble last logged, so that it is logged once.

  void run();
  tl::expected<void, SlotProblem> connect();
  SlotProblem follow();
  Result<bool> take_frames(TransactionAssembler& assembler);
  Result<void> take_frame(const std::string& frame, TransactionAssembler& assembler);
  Result<void> send_status();
  void wait(int socket, milliseconds time) const;
  void remake_slot_if_hopeless(const std::string& sqlstate);
  void disconnect();
};

void ReplicationStream::State::run() {
  milliseconds delay = tuning::kReconnectDelayMin;
  while (!stopping) {
    auto connected = connect();
    SlotProblem problem;
    if (connected) {
      delay = tuning::kReconnectDelayMin;
      if (!said.empty()) log::info("sync-service", "PostgreSQL is followed again.");
      said.clear();
      problem = follow();
    } else {
      problem = connected.error();
    }
    disconnect();
    if (stopping) break;
    listener.stream_lost(problem.trouble, problem.message);
    if (said != problem.message) log::warning("sync-service", problem.message);
    said = problem.message;
    wait(-1, delay);
    delay = std::min(delay * 2, tuning::kReconnectDelayMax);
  }
  finished = true;
}

tl::expected<void, SlotProblem> ReplicationStream::State::connect() {
  auto opened = PgConnection::open(options.database_url, PgConnection::Purpose::replication);
  if (!opened) {
    return tl::unexpected(SlotProblem{StreamTrouble::starting, opened.error().message});
  }
  {
    const std::lock_guard lock(connection_mutex);
    connection = std::move(*opened);
  }
  const auto ready = prepare_slot(*connection, options.slot);
  if (!ready) return tl::unexpected(ready.error());
  slot = ready->slot;
  const bool other_server = !system.empty() && system != ready->system;
  const bool went_back = ready->server_lsn < position;
  // What is confirmed beyond our position was read by another service, which left us a gap.
  const bool gap = ready->confirmed_lsn > position;
  history_lost = history_lost || ready->made_now || other_server || went_back || gap;
  system = ready->system;
  if (history_lost) position = ready->confirmed_lsn;
  auto started = connection->start_copy(
      "START_REPLICATION SLOT " + slot + " LOGICAL " + format_lsn(position) +
      " (proto_version '1', publication_names " + quote_literal(quote_identifier(slot)) + ")");
  if (!started) {
    remake_slot_if_hopeless(connection->sqlstate());
    return tl::unexpected(SlotProblem{StreamTrouble::starting, started.error().message});
  }
  listener.stream_started({position, history_lost, ready->first_txid, system, slot});
  history_lost = false;
  return {};
}

SlotProblem ReplicationStream::State::follow() {
  TransactionAssembler assembler(tuning::kTransactionBytesMax);
  status_due = steady_clock::now();
  heard = steady_clock::now();
  awaited = 0;
  while (!stopping) {
    const auto now = steady_clock::now();
    const bool answers = awaited > 0 && listener.confirmed() >= awaited;
    if (now >= status_due) listener.reached(position, false);
    if (now >= status_due || answers) {
      if (auto sent = send_status(); !sent) return {StreamTrouble::starting, sent.error().message};
    }
    if (listener.backlog_bytes() > tuning::kStreamBacklogBytesMax) {
      wait(-1, tuning::kBacklogPoll);
      heard = steady_clock::now();
      continue;
    }
    const auto more = take_frames(assembler);
    if (!more) {
      const std::string state = connection->sqlstate();
      remake_slot_if_hopeless(state);
      return {StreamTrouble::starting, more.error().message};
    }
    if (now - heard > tuning::kStreamSilenceMax) {
      return {StreamTrouble::starting, "The database has been silent for too long."};
    }
    if (*more) continue;
    const auto left = std::chrono::duration_cast<milliseconds>(status_due - now);
    wait(connection->socket(), awaited > 0 ? tuning::kConfirmationPoll : left);
  }
  (void)send_status();
  return {};
}

/// True when it stopped before the last one that is there.
Result<bool> ReplicationStream::State::take_frames(TransactionAssembler& assembler) {
  while (!stopping && listener.backlog_bytes() <= tuning::kStreamBacklogBytesMax) {
    auto frame = connection->next_frame();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) return false;
    heard = steady_clock::now();
    if (auto taken = take_frame(**frame, assembler); !taken) return tl::unexpected(taken.error());
    if (heard >= status_due) break;
  }
  return true;
}

Result<void> ReplicationStream::State::take_frame(const std::string& frame,
                                                  TransactionAssembler& assembler) {
  const auto decoded = decode_stream(frame);
  if (!decoded) return tl::unexpected(decoded.error());
  if (const auto* alive = std::get_if<KeepAlive>(&*decoded)) {
    // Nothing is on its way before this point, so nothing before it is needed again.
    if (!assembler.in_transaction()) position = std::max(position, alive->wal_end);
    if (alive->wants_reply) listener.reached(awaited = position, true);
    return {};
  }
  auto message = decode_pgoutput(std::get<StreamData>(*decoded).payload);
  if (!message) return tl::unexpected(message.error());
  auto transaction = assembler.add(std::move(*message));
  if (!transaction) return tl::unexpected(transaction.error());
  if (*transaction) {
    const std::uint64_t end = (*transaction)->end_lsn;
    listener.transaction_received(std::move(*transaction));
    position = std::max(position, end);
  }
  return {};
}

Result<void> ReplicationStream::State::send_status() {
  status_due = steady_clock::now() + tuning::kStatusInterval;
  const std::uint64_t confirmed = std::min(listener.confirmed(), position);
  if (confirmed >= awaited) awaited = 0;
  return connection->send_frame(encode_status(position, confirmed, wall_us()));
}

/// A slot whose publication or log is gone fails for ever; a new one starts afresh.
void ReplicationStream::State::remake_slot_if_hopeless(const std::string& sqlstate) {
  if (sqlstate != kUndefinedObject && sqlstate != kNotInState) return;
  disconnect();
  auto opened = PgConnection::open(options.database_url, PgConnection::Purpose::queries);
  if (!opened) return;
  log::warning("sync-service", "The replication slot '" + slot +
                                   "' cannot be followed any further: it is made anew and every "
                                   "shape with it.");
  drop_slot(**opened, slot);
}

void ReplicationStream::State::wait(int socket, milliseconds time) const {
  std::array<pollfd, 2> files = {pollfd{wake, POLLIN, 0}, pollfd{socket, POLLIN, 0}};
  const auto count = static_cast<nfds_t>(socket >= 0 ? 2 : 1);
  poll(files.data(), count, static_cast<int>(std::max<std::int64_t>(0, time.count())));
}

void ReplicationStream::State::disconnect() {
  const std::lock_guard lock(connection_mutex);
  connection.reset();
}

ReplicationStream::ReplicationStream(StreamOptions options, StreamListener& listener)
    : state_(std::make_unique<State>(std::move(options), listener)) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

ReplicationStream::~ReplicationStream() {
  state_->stopping = true;
  eventfd_write(state_->wake, 1);
  while (!state_->finished) {
    {
      const std::lock_guard lock(state_->connection_mutex);
      if (state_->connection) state_->connection->interrupt();
    }
    std::this_thread::sleep_for(tuning::kInterruptInterval);
  }
  state_->thread.join();
  close(state_->wake);
}

}  // namespace patchbay::embedded
