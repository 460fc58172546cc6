// RecordingReplay: repeats a recorded session of a real Electric server against our service and
// compares answer by answer. What differs from run to run (handles, LSNs, transaction ids, cursors)
// is named by order of appearance on both sides, so equal sessions give equal texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync_fixture.hpp"

namespace patchbay::test {

/// Names the changing parts of one side's answers.
class AnswerNames {
 public:
  /// Status, headers and body as comparable text.
  std::string describe(const net::HttpResponse& answer);
  [[nodiscard]] std::string name(const std::string& kind, const std::string& value);
  /// The value with which `other` names what `value` is here; nullopt when it never appeared.
  [[nodiscard]] std::optional<std::string> in(const AnswerNames& other, const std::string& kind,
                                              const std::string& value) const;

 private:
  std::string offset(const std::string& text);
  std::string tag(const std::string& text);
  std::string header(const std::string& name, const std::string& value);
  std::string body(const std::string& text);

  std::map<std::string, std::map<std::string, std::string>> names_;   // kind, value → name
  std::map<std::string, std::map<std::string, std::string>> values_;  // kind, name → value
};

class RecordingReplay {
 public:
  RecordingReplay(const std::string& file, SyncClient& client, SqlSession& sql);

  struct Exchange {
    std::string request;
    std::string recorded;
    std::string ours;
  };
  /// Runs all steps but those that use what this service leaves to Electric. `settle` is called
  /// after SQL that no request waits for.
  std::vector<Exchange> run(const std::function<void()>& settle);

 private:
  Exchange exchange(const Json& step, const std::vector<Json>& meanwhile);
  std::string translate(const std::string& target);
  net::HttpHeaders translate_headers(const std::string& head);

  Json recording_;
  SyncClient& client_;
  SqlSession& sql_;
  AnswerNames recorded_names_;
  AnswerNames our_names_;
  std::map<std::string, std::string> our_tags_;
};

}  // namespace patchbay::test
