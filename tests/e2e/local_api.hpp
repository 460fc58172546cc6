// LocalApi: what an app in another process does with a host: reads rows and writes over HTTP.
// End-to-end tests -> this -> the local API of a HostProcess. Waits for each answer.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "net/http_client.hpp"

namespace patchbay::test {

using Json = nlohmann::json;

struct Answer {
  int status = 0;  ///< 0: no answer; the body then says why.
  Json body;
};

class LocalApi {
 public:
  /// `page`: the place a host prints under that name.
  explicit LocalApi(const std::string& page);

  Answer get(const std::string& path) { return send("GET", path, ""); }
  Answer remove(const std::string& path) { return send("DELETE", path, ""); }
  Answer post(const std::string& path, const std::string& body) { return send("POST", path, body); }

  /// One write with one operation, given as JSON without its brackets.
  Answer write(const std::string& pattern, const std::string& operation);
  /// The state of a write: "confirmed".
  std::string state(const std::string& pattern, const std::string& write_id);
  /// The column of all rows in its own order, "*" behind a pending one: "eggs milk*".
  std::string column(const std::string& pattern, const std::string& table, const std::string& name);
  /// State of a table's stream: "live".
  std::string stream(const std::string& table);
  /// Waits until every pattern knows the rows of the table; before that it answers 503.
  [[nodiscard]] bool is_ready(const std::string& table);
  /// Waits until that is the state of the write.
  [[nodiscard]] bool becomes(const std::string& state, const std::string& pattern,
                             const std::string& write_id);
  /// Waits until the view shows that; the view as it is when it does not.
  std::string shows(const std::string& expected, const std::string& pattern,
                    const std::string& table, const std::string& name);

 private:
  Answer send(const std::string& method, const std::string& path, const std::string& body);

  std::string base_;
  std::unique_ptr<net::HttpClient> client_ = net::make_http_client();
};

/// The id of the write that an answer is about.
[[nodiscard]] std::string write_id_of(const Answer& answer);

}  // namespace patchbay::test
