#include "write/answer_body.hpp"

#include <simdjson.h>

#include <charconv>
#include <cstdint>

namespace patchbay {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string text_of(const object& from, std::string_view name) {
  std::string_view text;
  if (from[name].get_string().get(text) != SUCCESS) return {};
  return std::string(text);
}

std::optional<std::uint64_t> number_of(const object& from, std::string_view name) {
  const std::string text = text_of(from, name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

BackendFault fault_of(const element& first) {
  object fault;
  if (first.get_object().get(fault) != SUCCESS) return {};
  return {text_of(fault, "message"), text_of(fault, "code"), text_of(fault, "constraint"),
          text_of(fault, "column")};
}

OutcomeText outcome_of(const object& from) {
  OutcomeText outcome;
  const auto txid = number_of(from, "txid");
  const auto lsn = number_of(from, "lsn");
  if (txid && lsn) outcome.acknowledgement = Acknowledgement{*txid, *lsn, text_of(from, "system")};
  bool provisional = false;
  outcome.provisional =
      from["provisional"].get_bool().get(provisional) == SUCCESS && provisional;
  array errors;
  outcome.lists_errors = from["errors"].get_array().get(errors) == SUCCESS;
  if (outcome.lists_errors && errors.begin() != errors.end()) {
    outcome.fault = fault_of(*errors.begin());
  }
  return outcome;
}

ElementOutcome read_element(const object& from) {
  ElementOutcome read;
  read.id = text_of(from, "id");
  read.ok = text_of(from, "status") == "OK";
  std::int64_t status = 0;
  if (from["status"].get_int64().get(status) == SUCCESS) read.status = static_cast<int>(status);
  read.text = outcome_of(from);
  return read;
}

}  // namespace

AnswerBody read_answer_body(std::string_view json) {
  AnswerBody body;
  simdjson::dom::parser parser;
  object root;
  if (parser.parse(json.data(), json.size()).get_object().get(root) != SUCCESS) return body;
  body.text = outcome_of(root);
  body.write_id = text_of(root, "write_id");
  body.status = text_of(root, "status");
  bool recorded = false;
  if (root["recorded"].get_bool().get(recorded) == SUCCESS) body.recorded = recorded;
  array outcomes;
  if (root["outcomes"].get_array().get(outcomes) != SUCCESS) return body;
  body.outcomes.emplace();
  for (const element outcome : outcomes) {
    object one;
    if (outcome.get_object().get(one) == SUCCESS) body.outcomes->push_back(read_element(one));
  }
  return body;
}

}  // namespace patchbay
