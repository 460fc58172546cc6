// Answers of a shape endpoint, written short: `snapshot("h", row(1, "one"))`. For tests that play
// the server themselves.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/http.hpp"

namespace patchbay::test {

inline constexpr const char* kItemsSchema =
    R"({"id":{"type":"int4","not_null":true,"pk_index":0},"title":{"type":"text"},)"
    R"("completed":{"type":"bool"},"write_id":{"type":"uuid"}})";

/// Where a message stands in the log; transaction 0 is the snapshot, which says nothing.
struct At {
  int lsn = 0;
  int op = 0;
  unsigned txid = 0;
};

inline std::string message(const std::string& operation, const std::string& value, At at) {
  std::string headers = R"("operation":")" + operation + '"';
  if (at.lsn != 0) {
    headers += R"(,"lsn":")" + std::to_string(at.lsn) + R"(","op_position":)" +
               std::to_string(at.op) + R"(,"txids":[)" + std::to_string(at.txid) + "]";
  }
  return R"({"key":"k","value":)" + value + R"(,"headers":{)" + headers + "}}";
}
inline std::string insert(int id, const std::string& title, At at = {}) {
  return message("insert",
                 R"({"completed":"f","id":")" + std::to_string(id) + R"(","title":")" + title +
                     R"(","write_id":null})",
                 at);
}
inline std::string update(int id, const std::string& title, At at = {}) {
  return message("update", R"({"id":")" + std::to_string(id) + R"(","title":")" + title + R"("})",
                 at);
}
inline std::string remove(int id, At at = {}) {
  return message("delete", R"({"id":")" + std::to_string(id) + R"("})", at);
}
inline std::string up_to_date(int lsn) {
  return R"({"headers":{"control":"up-to-date","global_last_seen_lsn":")" + std::to_string(lsn) +
         R"("}})";
}
inline std::string snapshot_end() {
  return R"({"headers":{"control":"snapshot-end","xmin":"700","xmax":"700","xip_list":[]}})";
}
inline std::string body_of(const std::vector<std::string>& messages) {
  std::string body = "[";
  for (const std::string& text : messages) body += (body.size() > 1 ? "," : "") + text;
  return body + "]";
}

/// An answer with the headers of both kinds of poll.
inline net::HttpResponse answer_of(const std::string& handle, const std::string& offset,
                                   const std::vector<std::string>& messages) {
  return {200,
          {{"electric-handle", handle},
           {"electric-offset", offset},
           {"electric-cursor", "7"},
           {"electric-schema", kItemsSchema}},
          body_of(messages)};
}
inline net::HttpResponse status_of(int status, std::string body = "",
                                   net::HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

}  // namespace patchbay::test
