#include "embedded/sync/replication_stream.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "embedded/sync/slot_setup.hpp"
#include "embedded/sync/sync_connection.hpp"
#include "embedded/sync/table_definition.hpp"
#include "embedded/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kUndefinedObject = "42704";  // the publication is gone
constexpr const char* kNotInState = "55000";       // the slot was invalidated
constexpr const char* kUntranslatable = "22P05";   // a text has no equivalent in UTF-8
constexpr const char* kNotInEncoding = "22021";    // a text is not in the database's encoding

std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

SlotProblem start_problem(std::string message) {
  return {StreamTrouble::starting, std::move(message)};
}

}  // namespace

struct ReplicationStream::State {
  State(StreamOptions wanted, StreamListener& stream_listener)
      : options(std::move(wanted)),
        listener(stream_listener),
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

  /// Where the next connection continues: everything before is handed over.
  std::uint64_t position;
  std::string system;
  std::string slot;           ///< Of the last connection.
  bool history_lost = false;  ///< Until the listener has been told.
  int process = 0;  ///< Of the server, which reads the slot for this stream, or did so last.
  std::uint64_t awaited = 0;  ///< The server waits for its confirmation.
  steady_clock::time_point status_due;
  steady_clock::time_point ask_due;
  steady_clock::time_point heard;
  bool told_silent = false;
  std::string logged;  ///< The last problem, so that it is logged once; "" once that is over.

  // A stream that fails by what it reads, and not by its connection, fails there again: only past
  // that place the listener hears that the database is followed.
  bool doubtful = false;
  /// A text could not be converted to UTF-8: read in the database's encoding, for one transaction.
  bool raw = false;
  std::optional<StreamStart> untold;  ///< The listener has not been told of this start.
  int stuck = 0;                      ///< Failures at that place, one after another.
  std::uint64_t server_lsn = 0;       ///< The end of the log when this connection was made.

  void run();
  tl::expected<void, SlotProblem> connect();
  std::optional<SlotProblem> follow();
  SlotProblem failed(const Error& error);
  void tell_start();
  Result<bool> take_frames(TransactionAssembler& assembler);
  Result<void> take_frame(const std::string& frame, TransactionAssembler& assembler);
  Result<void> send_status();
  void tell_silence(steady_clock::time_point now);
  void wait(int socket, milliseconds time) const;
  void remake_slot();
  void disconnect();
};

void ReplicationStream::State::run() {
  milliseconds delay = tuning::kReconnectDelayMin;
  while (!stopping) {
    auto connected = connect();
    const auto problem = connected ? follow() : std::optional(connected.error());
    disconnect();
    if (stopping) break;
    if (!problem) continue;
    if (logged.empty()) delay = tuning::kReconnectDelayMin;
    listener.stream_lost(problem->trouble, problem->message);
    if (logged != problem->message) log::warning("sync-service", problem->message);
    logged = problem->message;
    wait(-1, delay);
    delay = std::min(delay * 2, doubtful ? tuning::kStuckDelayMax : tuning::kReconnectDelayMax);
  }
  finished = true;
}

tl::expected<void, SlotProblem> ReplicationStream::State::connect() {
  auto opened = open_connection(options.database_url, raw ? ConnectionPurpose::raw_replication
                                                          : ConnectionPurpose::replication);
  if (!opened) {
    return tl::unexpected(start_problem(opened.error().message));
  }
  {
    const std::lock_guard lock(connection_mutex);
    connection = std::move(*opened);
  }
  const auto ready = prepare_slot(*connection, options.slot, process);
  if (!ready) return tl::unexpected(ready.error());
  slot = ready->slot;
  const bool other_server = !system.empty() && system != ready->system;
  const bool went_back = ready->server_lsn < position;
  // What is confirmed beyond the position was read by another service: that is a gap.
  const bool gap = ready->confirmed_lsn > position;
  history_lost = history_lost || ready->made_now || other_server || went_back || gap;
  system = ready->system;
  if (history_lost) position = ready->confirmed_lsn;
  auto started = connection->start_copy(
      "START_REPLICATION SLOT " + slot + " LOGICAL " + format_lsn(position) +
      " (proto_version '1', publication_names " + quote_literal(quote_identifier(slot)) + ")");
  if (!started) {
    const std::string state = connection->sqlstate();
    if (state == kUndefinedObject || state == kNotInState) remake_slot();
    return tl::unexpected(start_problem(started.error().message));
  }
  process = connection->process_id();
  untold = StreamStart{position, history_lost, ready->first_txid, system, slot};
  server_lsn = ready->server_lsn;
  if (!doubtful) tell_start();
  return {};
}

void ReplicationStream::State::tell_start() {
  if (!untold) return;
  listener.stream_started(*std::exchange(untold, std::nullopt));
  history_lost = false;
  doubtful = false;
  stuck = 0;
  if (!logged.empty()) log::info("sync-service", "PostgreSQL is followed again.");
  logged.clear();
}

SlotProblem ReplicationStream::State::failed(const Error& error) {
  const std::string state = connection->sqlstate();
  const std::string state_class = state.substr(0, 2);
  doubtful = error.code == ErrorCode::corrupt ||
             (!state.empty() && state_class != "57" && state_class != "08");
  // A server short of disk or memory (class 53) can read it later.
  stuck = doubtful && untold && state_class != "53" ? stuck + 1 : 0;
  raw = !raw && (state == kUntranslatable || state == kNotInEncoding);
  const bool hopeless = state == kUndefinedObject || state == kNotInState;
  if (hopeless || stuck >= tuning::kStuckTimesMax) remake_slot();
  return start_problem(error.message);
}

/// Follows the slot until that fails. Returns nothing when told to stop, or past what had to be
/// read raw.
std::optional<SlotProblem> ReplicationStream::State::follow() {
  const bool as_it_is = raw && !connection->has_no_encoding();
  TransactionAssembler assembler(tuning::kTransactionBytesMax,
                                 as_it_is ? TextCheck::ascii : TextCheck::utf8);
  const std::uint64_t start = position;
  status_due = ask_due = heard = steady_clock::now();
  told_silent = false;
  awaited = 0;
  while (!stopping) {
    const auto now = steady_clock::now();
    const bool answers = awaited > 0 && listener.confirmed() >= awaited;
    if (raw && position > start && !assembler.in_transaction()) {
      raw = false;
      return std::nullopt;
    }
    if (now >= status_due) {
      status_due = now + tuning::kStatusInterval;
      listener.reached(position, false);
    }
    if (now >= ask_due || answers) {
      if (auto sent = send_status(); !sent) return start_problem(sent.error().message);
    }
    if (listener.backlog_bytes() > tuning::kStreamBacklogBytesMax) {
      wait(-1, tuning::kBacklogPoll);
      heard = steady_clock::now();
      continue;
    }
    const auto more = take_frames(assembler);
    if (!more) return failed(more.error());
    tell_silence(now);
    if (now - heard > tuning::kStreamSilenceMax) {
      return start_problem(
          "The process " + std::to_string(process) +
          " of the database, which sends the changes, has sent nothing for too long.");
    }
    if (*more) continue;
    const auto left = std::chrono::duration_cast<milliseconds>(ask_due - now);
    wait(connection->socket(), awaited > 0 ? tuning::kConfirmationPoll : left);
  }
  (void)send_status();
  return std::nullopt;
}

/// Takes the frames that are there. Returns true when there may be more to take.
Result<bool> ReplicationStream::State::take_frames(TransactionAssembler& assembler) {
  while (!stopping && listener.backlog_bytes() <= tuning::kStreamBacklogBytesMax) {
    auto frame = connection->next_frame();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) return false;
    heard = steady_clock::now();
    if (auto taken = take_frame(**frame, assembler); !taken) return tl::unexpected(taken.error());
    if (heard >= ask_due) break;
  }
  return true;
}

Result<void> ReplicationStream::State::take_frame(const std::string& frame,
                                                  TransactionAssembler& assembler) {
  const auto decoded = decode_stream(frame);
  if (!decoded) return tl::unexpected(decoded.error());
  if (const auto* alive = std::get_if<KeepAlive>(&*decoded)) {
    // Nothing before this point is still in flight, so nothing before it is needed again.
    if (!assembler.in_transaction()) position = std::max(position, alive->wal_end);
    if (alive->wal_end >= server_lsn) tell_start();
    if (alive->wants_reply) listener.reached(awaited = position, true);
    return {};
  }
  const std::string_view payload = std::get<StreamData>(*decoded).payload;
  auto message = decode_pgoutput(payload);
  const auto table = message ? std::nullopt : table_of_row(payload);
  if (table && assembler.in_transaction()) {
    assembler.leave_out(*table);
    return {};
  }
  if (!message) return tl::unexpected(message.error());
  auto transaction = assembler.add(std::move(*message));
  if (!transaction) return tl::unexpected(transaction.error());
  if (*transaction) {
    const std::uint64_t end = (*transaction)->end_lsn;
    tell_start();
    listener.transaction_received(std::move(*transaction));
    position = std::max(position, end);
  }
  return {};
}

Result<void> ReplicationStream::State::send_status() {
  ask_due = steady_clock::now() + tuning::kAskInterval;
  const std::uint64_t confirmed = std::min(listener.confirmed(), position);
  if (confirmed >= awaited) awaited = 0;
  return connection->send_frame(encode_status(position, confirmed, wall_us()));
}

void ReplicationStream::State::tell_silence(steady_clock::time_point now) {
  const bool silent = now - heard > tuning::kStreamSilenceTold;
  if (silent == std::exchange(told_silent, silent)) return;
  listener.stream_silent(!silent ? ""
                                 : "The process " + std::to_string(process) +
                                       " of the database, which sends the changes, does not "
                                       "answer: check whether it is stopped, or is reading a "
                                       "large transaction.");
}

/// Drops a slot whose publication or log is gone, or that PostgreSQL cannot read: it would fail
/// each time. The next connection makes a new one.
void ReplicationStream::State::remake_slot() {
  stuck = 0;
  disconnect();
  auto opened = open_connection(options.database_url, ConnectionPurpose::queries);
  if (!opened) return;
  log::warning("sync-service", "The replication slot '" + slot +
                                   "' cannot be followed any further: it is replaced, and clients "
                                   "fetch every shape again.");
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
  const auto patient_until = steady_clock::now() + tuning::kInterruptPatience;
  while (!state_->finished) {
    {
      const std::lock_guard lock(state_->connection_mutex);
      if (state_->connection) state_->connection->interrupt();
      if (state_->connection && steady_clock::now() > patient_until) state_->connection->sever();
    }
    std::this_thread::sleep_for(tuning::kInterruptInterval);
  }
  state_->thread.join();
  close(state_->wake);
}

}  // namespace patchbay::embedded
