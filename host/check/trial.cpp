#include "check/trial.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace patchbay::check {
namespace {

constexpr std::size_t kFindingsMax = 12;
constexpr const char* kSteps = "steps";
constexpr const char* kFindings = "findings";
constexpr const char* kNotes = "notes";

void append(const std::filesystem::path& file, std::string line) {
  std::ranges::replace(line, '\n', ' ');
  std::ofstream(file, std::ios::app) << line << '\n' << std::flush;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

void Trial::begin(const std::string& script) {
  script_ = script;
  step_.clear();
  steps_ = 0;
  append(directory_ / kSteps, place());
}

void Trial::step(const std::string& what) {
  ++steps_;
  step_ = what;
  append(directory_ / kSteps, place());
}

std::string Trial::place() const {
  const std::string script = "script \"" + script_ + "\"";
  if (steps_ == 0) return script + ", before its first step";
  return script + ", step " + std::to_string(steps_) + " (" + step_ + ")";
}

void Trial::fail(const std::string& sentences) {
  std::istringstream in(sentences);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || ++findings_ > kFindingsMax) continue;
    append(directory_ / kFindings, "In " + place() + ": " + line);
  }
}

void Trial::note(const std::string& sentence) {
  append(directory_ / kNotes, sentence);
}

bool Trial::failed() const {
  return std::filesystem::exists(directory_ / kFindings);
}

std::filesystem::path Trial::new_directory() {
  const auto made = directory_ / ("world-" + std::to_string(++directories_));
  std::filesystem::create_directories(made);
  return made;
}

std::vector<std::string> findings_in(const std::filesystem::path& directory) {
  return lines_of(directory / kFindings);
}

std::vector<std::string> notes_in(const std::filesystem::path& directory) {
  return lines_of(directory / kNotes);
}

std::string last_step_in(const std::filesystem::path& directory) {
  const auto lines = lines_of(directory / kSteps);
  return lines.empty() ? "" : lines.back();
}

}  // namespace patchbay::check
