#include "cli/check_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/module_description.hpp"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;
using check::CheckResult;
using check::Ending;
using check::Law;

constexpr std::size_t kIdColumns = 19;

std::string padded(std::string text, std::size_t columns) {
  text.resize(std::max(text.size(), columns), ' ');
  return text;
}

std::string seconds(const CheckResult& result) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s",
                static_cast<double>(result.time.count()) / 1'000);
  return text.data();
}

std::string whom(const Law& law) {
  std::string names;
  for (const std::string& name : trait_names(law.traits)) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return names.empty() ? "" : " (patterns that claim " + names + ")";
}

std::string indented(const std::string& text) {
  std::istringstream in(text);
  std::string indented;
  for (std::string line; std::getline(in, line);) indented += "      | " + line + "\n";
  return indented;
}

std::string dump(const Json& json) {
  // What a module prints is bytes; JSON is UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string laws_as_text() {
  std::string text;
  for (const Law& law : check::laws()) {
    text += padded(law.id, kIdColumns) + law.description + whom(law) + "\n";
  }
  return text;
}

std::string laws_as_json() {
  Json all = Json::array();
  for (const Law& law : check::laws()) {
    all.push_back(
        {{"id", law.id}, {"description", law.description}, {"traits", trait_names(law.traits)}});
  }
  return dump(all);
}

std::string check_begins(const PluginInspection& plugin) {
  return "Checking " + plugin.id + " " + plugin.version + ", " + plugin.path.string() + "\n";
}

std::string check_as_text(const CheckResult& result) {
  const std::string id = "  " + padded(result.law->id, kIdColumns);
  if (result.ending == Ending::not_claimed) {
    return id + "does not bind it" + whom(*result.law) + "\n";
  }
  std::string word = to_string(result.ending);
  std::ranges::transform(word, word.begin(), [&](char c) {
    return result.good() ? c : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  std::string text = id + padded(word, 8) + " " + seconds(result) + "\n";
  for (const std::string& note : result.notes) text += "    " + note + "\n";
  if (result.good()) return text;
  text += "    The law: " + std::string(result.law->description) + ".\n";
  for (const std::string& finding : result.findings) text += "    " + finding + "\n";
  if (!result.output.empty()) {
    text += "    The last output of the process:\n" + indented(result.output);
  }
  return text;
}

std::string check_ends(const std::vector<CheckResult>& results) {
  std::string broken;
  for (const CheckResult& result : results) {
    if (!result.good()) broken += (broken.empty() ? "" : ", ") + std::string(result.law->id);
  }
  if (broken.empty()) return "It keeps every law that was checked.\n";
  return "It does not keep: " + broken +
         ". Repeat one with --only <id>; docs/pattern-laws.md says what each demands.\n";
}

std::string checks_as_json(const PluginInspection& plugin,
                           const std::vector<CheckResult>& results) {
  Json checks = Json::array();
  for (const CheckResult& result : results) {
    Json one = {{"id", result.law->id},
                {"result", to_string(result.ending)},
                {"seconds", static_cast<double>(result.time.count()) / 1'000},
                {"findings", result.findings}};
    if (!result.notes.empty()) one["notes"] = result.notes;
    if (!result.good()) one["output"] = result.output;
    checks.push_back(std::move(one));
  }
  const Json all = {
      {"plugin", {{"path", plugin.path.string()}, {"id", plugin.id}, {"version", plugin.version}}},
      {"passed", std::ranges::all_of(results, &CheckResult::good)},
      {"checks", std::move(checks)}};
  return dump(all);
}

}  // namespace patchbay::cli
