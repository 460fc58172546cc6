// StrictFollower: a client that forgives nothing. It keeps the rows of one shape by the protocol
// and counts every message that a perfect stream would not send: an insert of a row it has, an
// update or delete of one it has not, an LSN that goes back. Owned by one test thread.
#pragma once

#include <map>
#include <string>

#include "sync_fixture.hpp"

namespace patchbay::test {

class StrictFollower {
 public:
  StrictFollower(SyncClient& client, std::string table, std::string more = "")
      : client_(&client), definition_("/v1/shape?table=" + std::move(table) + std::move(more)) {}

  /// One request, live once up to date. Returns its status; 409 starts over.
  int step() {
    std::string target = definition_ + "&offset=" + offset_;
    if (!handle_.empty()) target += "&handle=" + handle_;
    if (up_to_date_) target += "&live=true";
    const auto answer = client_->get(target);
    if (answer.status == 409) start_over();
    if (answer.status != 200) return answer.status;
    handle_ = answer.headers.get("electric-handle");
    offset_ = answer.headers.get("electric-offset");
    up_to_date_ = answer.headers.find("electric-up-to-date") != nullptr;
    for (const Json& message : Json::parse(answer.body)) apply(message);
    return 200;
  }
  /// Follows until all changes up to `lsn` are here.
  bool follow_to(std::uint64_t lsn) {
    return eventually([&] {
      step();
      return up_to_date_ && lsn_ >= lsn;
    });
  }
  /// Continues with another server, which may be the next one of the same service.
  void ask(SyncClient& client) { client_ = &client; }
  void start_over() {
    handle_.clear();
    offset_ = "-1";
    up_to_date_ = false;
    rows_.clear();
  }

  [[nodiscard]] const std::map<std::string, Json>& rows() const { return rows_; }
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
  [[nodiscard]] std::uint64_t lsn() const { return lsn_; }
  [[nodiscard]] const std::string& handle() const { return handle_; }
  [[nodiscard]] const std::string& offset() const { return offset_; }
  [[nodiscard]] bool up_to_date() const { return up_to_date_; }

 private:
  void apply(const Json& message) {
    const Json& headers = message["headers"];
    if (headers.contains("control")) {
      if (headers.contains("global_last_seen_lsn")) {
        see(std::stoull(headers["global_last_seen_lsn"].get<std::string>()));
      }
      return;
    }
    const std::string key = message["key"];
    const std::string operation = headers["operation"];
    const bool known = rows_.contains(key);
    if (known == (operation == "insert")) faults_.push_back(message.dump());
    if (operation == "delete") {
      rows_.erase(key);
    } else {
      rows_[key].update(message["value"]);
    }
  }
  void see(std::uint64_t lsn) {
    if (lsn < lsn_) faults_.push_back("the LSN went back to " + std::to_string(lsn));
    lsn_ = lsn;
  }

  SyncClient* client_;
  std::string definition_;
  std::string handle_;
  std::string offset_ = "-1";
  bool up_to_date_ = false;
  std::uint64_t lsn_ = 0;
  std::map<std::string, Json> rows_;
  std::vector<std::string> faults_;
};

}  // namespace patchbay::test
