#include "recording_replay.hpp"
#include "test_paths.hpp"

#include <fstream>
#include <set>
#include <sstream>

namespace patchbay::test {
namespace {

bool is_supported(const std::string& target) {
  const auto has = [&](const char* part) { return target.find(part) != std::string::npos; };
  for (const char* part :
       {"where=", "changes_only", "subset__", "live=true&live_sse", "live_sse=true&handle"}) {
    if (has(part)) return false;
  }
  return !has("table=t13y") || has("columns=");  // its generated column is left out here
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

net::HttpResponse recorded_answer(const Json& response) {
  net::HttpResponse answer;
  answer.status = response["status"];
  for (const auto& field : response["headers"]) {
    // Electric names a domain here, this service what it is made of.
    const auto value = replace_all(field[1], R"("type":"posint3")", R"("type":"int4")");
    answer.headers.add(field[0], value);
  }
  if (response.contains("body")) answer.body = response["body"].get<std::string>();
  return answer;
}

/// Statement by statement, each a transaction of its own, as psql ran them.
void run_each(SqlSession& sql, const std::string& script) {
  std::string statement;
  bool quoted = false;
  for (const char letter : script + ";") {
    if (letter == '\'') quoted = !quoted;
    if (letter != ';' || quoted) {
      statement += letter;
      continue;
    }
    sql.run(std::exchange(statement, ""));
  }
}

}  // namespace

std::string AnswerNames::name(const std::string& kind, const std::string& value) {
  auto& names = names_[kind];
  const auto found = names.emplace(value, kind + std::to_string(names.size() + 1)).first;
  values_[kind][found->second] = value;
  return found->second;
}

std::optional<std::string> AnswerNames::in(const AnswerNames& other, const std::string& kind,
                                           const std::string& value) const {
  if (!names_.contains(kind) || !names_.at(kind).contains(value)) return std::nullopt;
  const auto& name = names_.at(kind).at(value);
  const auto values = other.values_.find(kind);
  if (values == other.values_.end() || !values->second.contains(name)) return std::nullopt;
  return values->second.at(name);
}

std::string AnswerNames::offset(const std::string& text) {
  const auto line = text.find('_');
  if (line == std::string::npos || text.starts_with("0_")) return text;
  return name("lsn", text.substr(0, line)) + text.substr(line);
}

std::string AnswerNames::tag(const std::string& text) {
  std::istringstream parts(text.substr(1, text.size() - 2));
  std::string handle;
  std::string from;
  std::string to;
  std::string serial;
  std::getline(parts, handle, ':');
  std::getline(parts, from, ':');
  std::getline(parts, to, ':');
  std::getline(parts, serial, ':');
  return name("handle", handle) + ":" + offset(from) + ":" + offset(to) +
         (serial.empty() ? "" : ":serial");
}

std::string AnswerNames::header(const std::string& key, const std::string& value) {
  if (key == "electric-handle") return name("handle", value);
  if (key == "electric-offset") return offset(value);
  if (key == "electric-cursor") return "cursor";
  if (key == "electric-schema") return Json::parse(value).dump();
  if (key == "etag") return tag(value);
  return value;
}

std::string AnswerNames::body(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return json.is_discarded() ? text : json.dump();
  std::string lines;
  for (Json message : json) {
    Json& headers = message["headers"];
    if (headers.contains("lsn")) headers["lsn"] = name("lsn", headers["lsn"]);
    if (headers.contains("global_last_seen_lsn")) headers["global_last_seen_lsn"] = "newest";
    for (const char* key : {"xmin", "xmax", "xip_list"}) {
      if (headers.contains(key)) headers[key] = "snapshot";
    }
    if (headers.contains("txids")) {
      headers["txids"] = name("txid", headers["txids"][0].dump());
    }
    lines += "\n  " + message.dump();
  }
  return lines;
}

std::string AnswerNames::describe(const net::HttpResponse& answer) {
  static const std::set<std::string> kCompared = {"cache-control",
                                                  "content-type",
                                                  "etag",
                                                  "electric-handle",
                                                  "electric-offset",
                                                  "electric-schema",
                                                  "electric-cursor",
                                                  "electric-up-to-date",
                                                  "electric-has-data",
                                                  "surrogate-control",
                                                  "retry-after",
                                                  "access-control-allow-origin",
                                                  "access-control-allow-methods"};
  // The body first: it names the LSNs in the order of the log.
  const std::string content = body(answer.body);
  std::map<std::string, std::string> headers;
  for (const auto& [key, value] : answer.headers.fields()) {
    if (kCompared.contains(key)) headers[key] = header(key, value);
  }
  std::string text = std::to_string(answer.status);
  for (const auto& [key, value] : headers) text += "\n  " + key + ": " + value;
  return text + "\n" + content;
}

RecordingReplay::RecordingReplay(const std::string& file, SyncClient& client, SqlSession& sql)
    : client_(client), sql_(sql) {
  std::ifstream in(std::string(PATCHBAY_SOURCE_DIR "/tests/data/electric/sessions/") + file +
                   ".json");
  recording_ = Json::parse(in);
}

std::vector<RecordingReplay::Exchange> RecordingReplay::run(const std::function<void()>& settle) {
  std::vector<Exchange> exchanges;
  std::vector<Json> meanwhile;
  for (const Json& step : recording_["steps"]) {
    const std::string note = step.value("note", "");
    if (note.starts_with("run while the NEXT")) {
      meanwhile.push_back(step);
    } else if (step["kind"] == "sql") {
      run_each(sql_, step["sql"]);
      settle();
    } else if (step["kind"] == "http") {
      if (is_supported(step["request"]["target"])) {
        exchanges.push_back(exchange(step, meanwhile));
        if (!meanwhile.empty()) settle();
      }
      meanwhile.clear();
    }
  }
  return exchanges;
}

RecordingReplay::Exchange RecordingReplay::exchange(const Json& step,
                                                    const std::vector<Json>& meanwhile) {
  const Json& request = step["request"];
  const std::string method = request["method"];
  const std::string target = request["target"];
  auto pending = client_.send(method, translate(target), translate_headers(request["head"]));
  if (!meanwhile.empty()) client_.let_arrive();
  for (const Json& other : meanwhile) {
    if (other["kind"] == "sql") {
      run_each(sql_, other["sql"]);
    } else {
      const std::string note = other["note"];
      const std::string verb = "DELETE ";
      client_.send("DELETE", translate(note.substr(note.find(verb) + verb.size()))).get();
    }
  }
  const net::HttpResponse ours = pending.get();
  const net::HttpResponse theirs = recorded_answer(step["response"]);
  if (const auto* tag = theirs.headers.find("etag")) {
    our_tags_[*tag] = std::string(ours.headers.get("etag"));
  }
  return {method + " " + target, recorded_names_.describe(theirs), our_names_.describe(ours)};
}

std::string RecordingReplay::translate(const std::string& target) {
  const auto question = target.find('?');
  if (question == std::string::npos) return target;
  auto query = net::parse_query(target.substr(question + 1));
  for (auto& [key, value] : query) {
    if (key == "handle") {
      // A handle that was not given out in the recording does not exist here either.
      value = recorded_names_.in(our_names_, "handle", value).value_or(value);
    }
    const auto line = value.find('_');
    if (key != "offset" || line == std::string::npos || value.starts_with("0_")) continue;
    const std::string lsn = value.substr(0, line);
    value = recorded_names_.in(our_names_, "lsn", lsn).value_or(lsn) + value.substr(line);
  }
  std::string translated = target.substr(0, question + 1);
  for (const auto& [key, value] : query) {
    if (!translated.ends_with('?')) translated += '&';
    translated += net::percent_encode(key) + "=" + net::percent_encode(value);
  }
  return translated;
}

net::HttpHeaders RecordingReplay::translate_headers(const std::string& head) {
  net::HttpHeaders headers;
  std::istringstream lines(replace_all(head, "\r", ""));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, colon);
    std::string value = line.substr(colon + 2);
    if (key != "If-None-Match" && key != "Origin") continue;
    for (const auto& [theirs, ours] : our_tags_) value = replace_all(value, theirs, ours);
    headers.add(key, value);
  }
  return headers;
}

}  // namespace patchbay::test
