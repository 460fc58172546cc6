#include "status_board.hpp"

#include <nlohmann/json.hpp>

#include "answer_json.hpp"

namespace patchbay::api {

StatusBoard::StatusBoard(const ApiOptions& options, ApiPoster poster)
    : options_(options), poster_(std::move(poster)), started_(poster_.now()) {}

void StatusBoard::add(PatternPort& port) {
  PatternEntry entry;
  entry.port = &port;
  entry.joined = ++last_joined_;
  entry.last.instance = port.instance();
  entry.last.state = "starting";
  patterns_[port.instance()] = std::move(entry);
}

void StatusBoard::remove(const std::string& instance) {
  patterns_.erase(instance);
}

void StatusBoard::note(const PatternStatus& status) {
  const auto found = patterns_.find(status.instance);
  if (found == patterns_.end()) return;
  found->second.last = status;
  found->second.answering = true;
}

bool StatusBoard::note_change(const PatternStatus& status) {
  note(status);
  const auto found = patterns_.find(status.instance);
  if (found == patterns_.end()) return false;
  PatternStatus lasting = status;
  lasting.writes_unfinished = lasting.writes_rejected = 0;
  if (lasting.queue_state == "sending") lasting.queue_state = "idle";
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

void StatusBoard::refresh(std::function<void()> done) {
  auto round = std::make_shared<Round>();
  round->done = std::move(done);
  for (const auto& [instance, entry] : patterns_) round->missing[instance] = entry.joined;
  if (round->missing.empty()) {
    poster_.post([this, round] { finish(round); });
    return;
  }
  for (const auto& [instance, entry] : patterns_) {
    entry.port->status([this, round, poster = poster_](PatternStatus status) {
      poster.post([this, round, status = std::move(status)] { on_answer(round, status); });
    });
  }
  poster_.post_after(kStatusWait, [this, round] { finish(round); });
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
  return json;
}

double StatusBoard::uptime_s() const {
  return std::chrono::duration<double>(poster_.now() - started_).count();
}

}  // namespace patchbay::api
