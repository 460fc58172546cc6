#include "e2e/local_api.hpp"

#include <algorithm>
#include <future>

#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr std::chrono::seconds kWait{20};

}  // namespace

LocalApi::LocalApi(const std::string& page) : base_(page.substr(0, page.find("/#"))) {}

Answer LocalApi::send(const std::string& method, const std::string& path, const std::string& body) {
  net::HttpRequest request;
  request.method = method;
  request.url = base_ + path;
  if (!body.empty()) request.headers.add("Content-Type", "application/json");
  request.body = body;
  std::promise<Result<net::HttpResponse>> answered;
  client_->send(std::move(request),
                [&answered](auto response) { answered.set_value(std::move(response)); });
  const auto response = answered.get_future().get();
  if (!response) return {0, response.error().message};
  return {response->status, Json::parse(response->body, nullptr, false)};
}

Answer LocalApi::write(const std::string& pattern, const std::string& operation) {
  return post("/api/patterns/" + pattern + "/writes", R"({"operations":[{)" + operation + "}]}");
}

std::string LocalApi::state(const std::string& pattern, const std::string& write_id) {
  const Answer answer = get("/api/patterns/" + pattern + "/writes/" + write_id);
  return answer.status == 200 ? answer.body.at("state").get<std::string>() : answer.body.dump();
}

std::string LocalApi::column(const std::string& pattern, const std::string& table,
                             const std::string& name) {
  const Answer answer =
      get("/api/patterns/" + pattern + "/rows/" + table + "?limit=10000&order=" + name);
  if (answer.status != 200) return answer.body.dump();
  std::string text;
  for (const Json& row : answer.body.at("rows")) {
    const Json& value = row.at("values").at(name);
    if (!text.empty()) text += ' ';
    text += value.is_string() ? value.get<std::string>() : value.dump();
    if (row.at("pending").get<bool>()) text += '*';
  }
  return text;
}

std::string LocalApi::stream(const std::string& table) {
  const Answer answer = get("/api/status");
  if (answer.status != 200) return answer.body.dump();
  for (const Json& stream : answer.body.at("streams")) {
    if (stream.at("table") == table || stream.at("table") == "public." + table) {
      return stream.at("state").get<std::string>();
    }
  }
  return "unknown";
}

bool LocalApi::is_ready(const std::string& table) {
  const Answer patterns = get("/api/patterns");
  return patterns.status == 200 &&
         std::ranges::all_of(patterns.body.at("patterns"), [&](const Json& pattern) {
           const std::string path = "/api/patterns/" + pattern.at("pattern").get<std::string>();
           return eventually([&] { return get(path + "/rows/" + table).status == 200; }, kWait);
         });
}

bool LocalApi::becomes(const std::string& state, const std::string& pattern,
                       const std::string& write_id) {
  return eventually([&] { return this->state(pattern, write_id) == state; }, kWait);
}

std::string LocalApi::shows(const std::string& expected, const std::string& pattern,
                            const std::string& table, const std::string& name) {
  std::string seen;
  eventually(
      [&] {
        seen = column(pattern, table, name);
        return seen == expected;
      },
      kWait);
  return seen;
}

std::string write_id_of(const Answer& answer) {
  return answer.body.is_object() ? answer.body.value("write_id", "") : "";
}

}  // namespace patchbay::test
