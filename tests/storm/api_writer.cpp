#include "storm/api_writer.hpp"

#include <chrono>
#include <utility>

#include "e2e/local_api.hpp"
#include "support/eventually.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::test {
namespace {

constexpr std::chrono::minutes kAnswerWait{5};

Json json_of(const StormStatement& one) {
  const StormOperation& operation = one.operation;
  Json json{{"operation", operation.kind}, {"table", operation.table}};
  Json& value = json["value"] = Json::object();
  for (const auto& [name, text] : one.values) value[name] = text ? Json(*text) : Json(nullptr);
  if (operation.kind == "insert") {
    value["id"] = operation.id;
  } else {
    json["key"]["id"] = operation.id;
  }
  if (operation.kind == "delete") json.erase("value");
  return json;
}

}  // namespace

ApiWriter::ApiWriter(StormRows rows, StormAccount& account, std::function<std::string()> page)
    : rows_(std::move(rows)),
      account_(account),
      page_(std::move(page)),
      thread_([this] { return write_one(); }) {}

std::string ApiWriter::wrong() const {
  const std::lock_guard lock(mutex_);
  return wrong_;
}

bool ApiWriter::write_one() {
  StormTransaction transaction;
  transaction.stays_whole = true;
  Json request{{"write_id", make_write_id(std::chrono::system_clock::now()).text()}};
  bool is_bad = false;
  for (const StormStatement& one : rows_.next(std::nullopt)) {
    request["operations"].push_back(json_of(one));
    is_bad = is_bad || one.operation.is_bad;
    transaction.operations.push_back(one.operation);
  }
  Answer answer;
  const auto has_answer = [&] {
    const std::string page = page_();
    if (!page.empty()) {
      answer = LocalApi(page).post("/api/patterns/notes/writes", request.dump());
    }
    const bool is_known = answer.status != 0 && answer.status / 100 != 5;
    return is_known || thread_.is_stopped();
  };
  const bool answered = eventually(has_answer, kAnswerWait);
  const bool accepted =
      answer.status == 200 || answer.body.contains("/error/rejection"_json_pointer);
  if (accepted) account_.accept(std::move(transaction));
  if (!accepted && !is_bad && !thread_.is_stopped()) {
    const std::lock_guard lock(mutex_);
    wrong_ += std::to_string(answer.status) + " " + answer.body.dump() + "\n";
  }
  return answered && !thread_.is_stopped();
}

}  // namespace patchbay::test
