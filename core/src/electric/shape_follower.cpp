#include "electric/shape_follower.hpp"

#include <utility>

#include "electric/schema_header.hpp"
#include "electric/shape_request.hpp"
#include "electric/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::electric {
namespace {

ShapeEvent event_of(EventKind kind) {
  ShapeEvent event;
  event.kind = kind;
  return event;
}

}  // namespace

ShapeFollower::ShapeFollower(ShapeOptions options, FollowerSeams seams, ShapeSink& sink,
                             std::uint64_t seed)
    : options_(std::move(options)),
      seams_(seams),
      sink_(sink),
      random_(seed),
      parser_(options_.columns_except) {
  status_.table = options_.table;
}

ShapeFollower::~ShapeFollower() = default;

void ShapeFollower::start() {
  apply(event_of(EventKind::start));
}
void ShapeFollower::start_at(const TableSchema& schema, std::string handle, std::string offset) {
  if (state_.phase != Phase::idle) return;
  builder_ = BatchBuilder(schema);
  if (options_.look) {
    // Until the database has been looked at: under the same handle the types are the same.
    for (const Column& column : schema.columns) facts_.base_types[column.name] = column.type;
    use_facts(std::move(facts_));
  }
  state_.handle = std::move(handle);
  state_.offset = std::move(offset);
  start();
}
void ShapeFollower::ask() {
  apply(event_of(EventKind::ask));
}
void ShapeFollower::restart() {
  apply(event_of(EventKind::restart));
}

void ShapeFollower::set_credentials(net::QueryParameters credentials) {
  options_.credentials = std::move(credentials);
  if (state_.phase == Phase::stopped) restart();
}

void ShapeFollower::stop() {
  stopped_ = true;
  cancel_all();
}

void ShapeFollower::apply(const ShapeEvent& event) {
  if (stopped_) return;
  const double jitter = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
  Step next = step(std::move(state_), event, {seams_.clock.now(), jitter});
  state_ = std::move(next.state);
  carry_out(next.action);
  tell_status();
}

void ShapeFollower::carry_out(const Action& action) {
  if (action.kind == ActionKind::none) return;
  cancel_all();
  if (action.refetch) builder_ = BatchBuilder();
  if (action.kind == ActionKind::stop) look_due_ = true;
  if (action.kind == ActionKind::request && look_is_due()) {
    look();
  } else if (action.kind == ActionKind::request) {
    send();
  }
  if (action.kind == ActionKind::wait) set_timer(action.delay);
}

void ShapeFollower::cancel_all() {
  ++number_;
  if (request_ != 0) seams_.http.cancel(std::exchange(request_, 0));
  if (timer_ != 0) seams_.clock.cancel(std::exchange(timer_, 0));
}

/// Whenever a shape starts, and after a refusal. While one is followed, from time to time, for the
/// server does not end a shape when its table gets a column that was not asked for.
bool ShapeFollower::look_is_due() const {
  if (!options_.look) return false;
  if (look_due_ || state_.offset == "-1") return true;
  return state_.phase == Phase::live && (look_failed_ || !options_.columns_except.empty()) &&
         seams_.clock.now() - looked_ >= tuning::kTableLookInterval;
}

void ShapeFollower::look() {
  const auto looked = [this, alive = std::weak_ptr(alive_), number = number_](auto facts) {
    if (!alive.expired()) on_looked(number, std::move(facts));
  };
  timer_ = seams_.clock.after(tuning::kTableLookMax, seams_.strand, [looked] {
    looked(Result<TableFacts>(failure(ErrorCode::retry, "the database does not answer in time")));
  });
  options_.look([strand = &seams_.strand, looked](Result<TableFacts> facts) {
    strand->post([looked, facts = std::move(facts)] { looked(facts); });
  });
}

/// Following continues in any case: with the last facts, where there are no new ones.
void ShapeFollower::on_looked(std::uint64_t number, Result<TableFacts> facts) {
  if (stopped_ || number != number_) return;
  cancel_all();
  look_due_ = false;
  looked_ = seams_.clock.now();
  if (!facts && !look_failed_) {
    log::warning("shape", "The columns of the table " + options_.table + " cannot be read (" +
                              facts.error().message + "), so it is followed as it was last read; " +
                              "they are read again.");
  }
  look_failed_ = !facts;
  const bool is_other = facts && *facts != facts_;
  if (facts) use_facts(*std::move(facts));
  // A handle is for the columns that it started with, and its rows are of their types.
  if (is_other && asked_ && !state_.handle.empty()) {
    return apply(event_of(EventKind::must_refetch));
  }
  send();
}

void ShapeFollower::use_facts(TableFacts facts) {
  facts_ = std::move(facts);
  options_.columns = facts_.columns;
}

void ShapeFollower::send() {
  asked_ = true;
  plan_ = request_of(state_);
  lsn_at_send_ = builder_.seen_lsn();
  auto answered = [this, alive = std::weak_ptr(alive_), strand = &seams_.strand,
                   number = number_](Result<net::HttpResponse> response) {
    strand->post([this, alive, number, response = std::move(response)]() mutable {
      if (!alive.expired()) on_response(number, std::move(response));
    });
  };
  request_ = seams_.http.send(make_shape_request(options_, plan_, random_()), std::move(answered));
}

void ShapeFollower::set_timer(std::chrono::milliseconds delay) {
  timer_ = seams_.clock.after(delay, seams_.strand,
                              [this, alive = std::weak_ptr(alive_), number = number_] {
                                if (alive.expired() || number != number_) return;
                                timer_ = 0;
                                apply(event_of(EventKind::timer));
                              });
}

void ShapeFollower::on_response(std::uint64_t number, Result<net::HttpResponse> response) {
  if (stopped_ || number != number_) return;
  request_ = 0;
  const AnswerContext context{plan_, options_.table, seams_.clock.wall_now(),
                              options_.look && !options_.columns_except.empty()};
  ShapeAnswer answer = sort_answer(std::move(response), context);
  const bool readable = answer.event.kind == EventKind::answered;
  apply(readable ? read_answer(std::move(answer)) : answer.event);
}

ShapeEvent ShapeFollower::read_answer(ShapeAnswer answer) {
  ShapeEvent event = std::move(answer.event);
  const auto fail = [&event](const Error& error) {
    event.kind = error.code == ErrorCode::unsupported ? EventKind::broken_log
                 : error.code == ErrorCode::rejected  ? EventKind::refused
                                                      : EventKind::failed;
    event.reason = error.message;
    return event;
  };
  if (const auto used = use_schema(answer.schema); !used) return fail(used.error());
  auto messages = parser_.parse(std::move(answer.body), *builder_.schema());
  if (!messages) return fail(messages.error());
  if (messages->must_refetch) {
    event.kind = EventKind::must_refetch;
    return event;
  }
  event.offset = next_offset(plan_.offset, answer.header_offset, *messages);
  event.lsn_moved = messages->lsn.value_or(0) > lsn_at_send_;
  if (messages->up_to_date) event.kind = EventKind::up_to_date;
  builder_.add(std::move(*messages),
               {event.handle, event.offset, std::move(answer.header_offset), lsn_at_send_});
  if (auto batch = builder_.take()) {
    const auto applied = sink_.on_shape_batch(std::move(*batch));
    if (!applied) return fail({ErrorCode::unsupported, applied.error().message});
  }
  return event;
}

Result<void> ShapeFollower::use_schema(const std::string& header) {
  if (header.empty()) {
    if (builder_.schema() != nullptr) return {};
    return failure(ErrorCode::corrupt,
                   "No schema of the table " + options_.table + " has come yet.");
  }
  const auto schema =
      parse_schema(header, options_.table, {options_.columns_except, facts_.base_types});
  if (!schema) return tl::unexpected(schema.error());
  if (builder_.schema() == nullptr) builder_.set_schema(**schema);
  if (builder_.schema() == *schema) return {};
  return failure(
      ErrorCode::unsupported,
      "The table " + options_.table + " has other columns than before under the same handle.");
}

void ShapeFollower::tell_status() {
  const StreamState state = stream_state(state_);
  const bool troubled = state == StreamState::retrying || state == StreamState::stopped;
  const std::string& reason = troubled ? state_.reason : std::string();
  if (status_.state == state && status_.reason == reason) return;
  status_.state = state;
  status_.reason = reason;
  // Logged once: a shape that is restarted every few seconds stops again for the same reason.
  if (state == StreamState::stopped && said_ != reason) {
    log::error("shape", reason);
    said_ = reason;
  } else if (state == StreamState::retrying) {
    log::debug("shape", reason);  // the owner of many followers says once that their server is away
  } else if (state == StreamState::live) {
    said_.clear();
  }
  sink_.on_shape_status(status_);
}

}  // namespace patchbay::electric
