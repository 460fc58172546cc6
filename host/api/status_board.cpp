#include "status_board.hpp"

#include <nlohmann/json.hpp>

#include "answer_json.hpp"
#include "log/log.hpp"

namespace patchbay::api {

namespace {

std::optional<std::string> long_step_of(const PatternEntry& entry) {
  const auto doing = entry.port == nullptr ? std::nullopt : entry.port->doing();
  if (!doing || doing->lasting < kLongStep) return std::nullopt;
  return as_text(*doing);
}

}  // namespace

StatusBoard::StatusBoard(const ApiOptions& options, ApiPoster poster)
    : options_(options), poster_(std::move(poster)), started_(poster_.now()) {
  for (const std::string& instance : options.expected) expect(instance, "");
}

void StatusBoard::expect(const std::string& instance, const std::string& reason) {
  PatternEntry entry;
  entry.last.instance = instance;
  entry.last.state = reason.empty() ? PatternState::starting : PatternState::failed;
  entry.last.reason = reason;
  entry.answering = false;
  patterns_[instance] = std::move(entry);
}

void StatusBoard::add(PatternPort& port) {
  PatternEntry entry;
  entry.port = &port;
  entry.joined = ++last_joined_;
  entry.last.instance = port.instance();
  patterns_[port.instance()] = std::move(entry);
}

void StatusBoard::remove(const std::string& instance) {
  patterns_.erase(instance);
}

void StatusBoard::note(const PatternStatus& status) {
  const auto found = patterns_.find(status.instance);
  if (found == patterns_.end() || found->second.port == nullptr) return;
  found->second.last = status;
  found->second.answering = true;
}

bool StatusBoard::note_change(const PatternStatus& status) {
  note(status);
  const auto found = patterns_.find(status.instance);
  if (found == patterns_.end()) return false;
  PatternStatus lasting = status;
  lasting.writes_unfinished = lasting.writes_rejected = 0;
  if (lasting.queue_state == QueueState::sending) lasting.queue_state = QueueState::idle;
  if (lasting == found->second.told) return false;
  found->second.told = std::move(lasting);
  return true;
}

void StatusBoard::note(const StreamStatus& status) {
  streams_[status.table] = status;
}

PatternPort* StatusBoard::find(const std::string& instance) const {
  const auto found = patterns_.find(instance);
  return found == patterns_.end() ? nullptr : found->second.port;
}

std::optional<std::string> StatusBoard::absence(const std::string& instance) const {
  const auto found = patterns_.find(instance);
  if (found == patterns_.end() || found->second.port != nullptr) return std::nullopt;
  const std::string& reason = found->second.last.reason;
  if (!reason.empty()) return "The pattern \"" + instance + "\" does not run: " + reason;
  return "The pattern \"" + instance + "\" is starting; try again.";
}

std::optional<std::string> StatusBoard::long_step(const std::string& instance) const {
  const auto found = patterns_.find(instance);
  return found == patterns_.end() ? std::nullopt : long_step_of(found->second);
}

std::vector<Trouble> StatusBoard::troubles() const {
  std::vector<Trouble> all = parts_;
  for (const auto& [table, status] : streams_) {
    if (status.state == StreamState::live) continue;
    all.push_back({"stream", "The table " + table + " is not followed: " +
                                 (status.reason.empty() ? "its stream is being connected to."
                                                        : status.reason)});
  }
  for (const auto& [instance, entry] : patterns_) {
    const PatternStatus& last = entry.last;
    const std::string name = "The pattern \"" + instance + "\" ";
    if (const auto why = absence(instance)) {
      all.push_back({"pattern", *why});
    } else if (!entry.answering) {
      const auto step = long_step_of(entry);
      all.push_back({"pattern", name + "does not answer" + (step ? ": " + *step + "." : ".")});
    } else if (last.state != PatternState::running) {
      all.push_back({"pattern", name + "is " + std::string(to_string(last.state)) +
                                    (last.reason.empty() ? "." : ": " + last.reason)});
    } else if (!last.reason.empty()) {
      all.push_back({"pattern", name + "waits: " + last.reason});
    }
    if (!last.queue_reason.empty()) {
      all.push_back({"queue", "The writes of \"" + instance + "\" wait: " + last.queue_reason});
    }
  }
  return all;
}

void StatusBoard::refresh(std::function<void()> done) {
  auto round = std::make_shared<Round>();
  round->done = std::move(done);
  for (const auto& [instance, entry] : patterns_) {
    if (entry.port != nullptr) round->missing[instance] = entry.joined;
  }
  if (round->missing.empty()) {
    poster_.post([this, round] { finish(round); });
    return;
  }
  for (const auto& [instance, entry] : patterns_) {
    if (entry.port == nullptr) continue;
    entry.port->status([this, round, poster = poster_](PatternStatus status) {
      poster.post([this, round, status = std::move(status)] { on_answer(round, status); });
    });
  }
  poster_.post_after(kStatusWait, [this, round] { finish(round); });
}

void StatusBoard::watch_steps() {
  for (auto& [instance, entry] : patterns_) {
    const auto step = long_step_of(entry);
    if (step && entry.stuck_in.empty()) {
      log::warning(instance, "The pattern does not answer: " + *step +
                                 "; it may wait for a lock of another program, or never return.");
    } else if (!step && !entry.stuck_in.empty()) {
      log::info(instance, "The pattern answers again.");
    }
    entry.stuck_in = step.value_or("");
  }
  poster_.post_after(kStepWatch, [this] { watch_steps(); });
}

void StatusBoard::on_answer(const std::shared_ptr<Round>& round, const PatternStatus& status) {
  const auto missing = round->missing.find(status.instance);
  if (missing == round->missing.end()) return;
  const auto found = patterns_.find(status.instance);
  if (found != patterns_.end() && found->second.joined == missing->second) note(status);
  round->missing.erase(missing);
  if (round->missing.empty()) finish(round);
}

void StatusBoard::finish(const std::shared_ptr<Round>& round) {
  if (!round->done) return;
  for (const auto& [instance, joined] : round->missing) {
    const auto found = patterns_.find(instance);
    if (found != patterns_.end() && found->second.joined == joined) {
      found->second.answering = false;
    }
  }
  std::exchange(round->done, nullptr)();
}

Json StatusBoard::patterns_json() const {
  Json list = Json::array();
  for (const auto& [instance, entry] : patterns_) {
    Json& json = list.emplace_back(pattern_json(entry.last));
    json["answering"] = entry.answering;
    if (const auto step = long_step_of(entry)) json["doing"] = *step;
  }
  return list;
}

Json StatusBoard::json() const {
  Json json{{"version", options_.version}, {"uptime_s", uptime_s()},
            {"patterns", patterns_json()}, {"streams", Json::array()},
            {"places", Json::object()},    {"page", {{"table", options_.page_table}}}};
  for (const auto& [table, status] : streams_) json["streams"].push_back(stream_json(status));
  for (const auto& [name, url] : options_.places) json["places"][name] = without_credentials(url);
  if (options_.hooks.set_network) json["network"] = network_;
  json.update(readiness_json(troubles(), true));
  return json;
}

double StatusBoard::uptime_s() const {
  return std::chrono::duration<double>(poster_.now() - started_).count();
}

}  // namespace patchbay::api
