// Texts of a backend's answers, and verdicts printed, for tests of the write gateway's parts.
//
//   "ok 750 9 s"   "no 409 No.|code|constraint|column"   "not now No."
//   "? never_sent unauthorized answered by_backend 7000ms"
#pragma once

#include <string>
#include <vector>

#include "integration/net/write_samples.hpp"
#include "net/http.hpp"
#include "write/gateway.hpp"

namespace patchbay::test {

inline std::string print(const Verdict& verdict) {
  if (const auto* ok = std::get_if<Acknowledgement>(&verdict)) {
    return "ok " + std::to_string(ok->txid) + " " + std::to_string(ok->lsn) + " " + ok->system;
  }
  if (const auto* no = std::get_if<Rejection>(&verdict)) {
    return "no " + std::to_string(no->status) + " " + no->message + "|" + no->code + "|" +
           no->constraint + "|" + no->column;
  }
  if (const auto* not_now = std::get_if<RefusedForNow>(&verdict)) {
    return "not now " + not_now->reason;
  }
  const auto& unknown = std::get<Unknown>(verdict);
  std::string text = "?";
  if (unknown.never_sent) text += " never_sent";
  if (unknown.unauthorized) text += " unauthorized";
  if (unknown.server_answered) text += " answered";
  if (unknown.by_backend) text += " by_backend";
  if (unknown.retry_after) text += " " + std::to_string(unknown.retry_after->count()) + "ms";
  return text;
}

inline std::vector<std::string> print(const std::vector<Verdict>& verdicts) {
  std::vector<std::string> texts;
  for (const Verdict& verdict : verdicts) texts.push_back(print(verdict));
  return texts;
}

inline const std::string kErrors =
    R"("errors":[{"message":"No.","code":"23505","constraint":"c","column":"x"}])";

/// {"write_id":…,"errors":[…]}
inline std::string refusal(int number) {
  return "{\"write_id\":\"" + id_of(number).text() + "\"," + kErrors + "}";
}
inline std::string element(int number, const std::string& members) {
  return "{\"id\":\"" + id_of(number).text() + "\"," + members + "}";
}
inline std::string applied(int number) {
  return element(
      number, R"("status":"OK","txid":")" + std::to_string(number) + R"(","lsn":"9","system":"s")");
}
inline std::string outcomes(const std::vector<std::string>& elements) {
  std::string body = R"({"status":"OK","outcomes":[)";
  for (const std::string& one : elements) body.append(one).append(",");
  body.back() = ']';
  return body + "}";
}

inline std::vector<OutgoingWrite> inserts(int count) {
  std::vector<OutgoingWrite> writes;
  for (int number = 1; number <= count; ++number) {
    writes.push_back(outgoing(number, {insert_of(std::to_string(number))}));
  }
  return writes;
}

}  // namespace patchbay::test
