// Script: a world whose steps are told to a trial, and what a law asks of it. A law makes one,
// plays its steps and judges. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "check/laws/watch.hpp"
#include "check/subject.hpp"

namespace patchbay::check {

inline constexpr const char* kList = "0b6e7a52-61a7-4d4c-9c61-2f4a4c9e8d01";
inline constexpr const char* kOtherList = "7f1b3c6a-2a52-4c0e-8f3a-90a5d0d1c2e4";

/// What a world tells while its pattern starts needs these first.
struct ScriptParts {
  explicit ScriptParts(Trial& its_trial) : trial(its_trial), watch(its_trial) {}
  Trial& trial;
  Watch watch;
};

class Script : public ScriptParts, public sim::World {
 public:
  struct Options {
    bool reject_dependents = false;
    std::filesystem::path directory = {};       ///< Empty: a new one.
    std::filesystem::path server_journal = {};  ///< Empty: the server ends with the script.
    std::function<void(std::uint32_t, const std::string&)> answered = {};
  };

  Script(const Subject& subject, Trial& its_trial, const std::string& name);
  Script(const Subject& subject, const sim::PatternUnderTest& pattern, Trial& its_trial,
         const std::string& name, const Options& options);

  /// Rows in every table, at the server and on the device.
  void fill();
  /// As World::write and World::others, kept to know what the server's rows should be.
  void write(std::uint32_t number, std::vector<RequestedOperation> operations);
  void others(const std::vector<RequestedOperation>& operations);
  void poll_all();
  void refetch_all();

  /// Whether the pattern shows writes at once.
  [[nodiscard]] bool optimistic() const noexcept { return optimistic_; }
  [[nodiscard]] bool view_has(const SeenCell& cell);
  /// Of a pattern that shows writes at once, the view is this now.
  void shows(const std::string& table, const std::string& expected);
  /// Of any pattern.
  void shows_at_last(const std::string& table, const std::string& expected);
  /// The write has ended so; one that the pattern refused at once need not.
  void ended(std::uint32_t number, const std::string& state);

  /// What a failed pattern says, else "".
  void judge_running();
  void judge_tables() { trial.fail(wrong_in_tables()); }
  /// Each write has ended, as it should, and the server's rows are what they make.
  void judge_writes();
  /// First arrivals are in the order in which the app wrote.
  void judge_order();
  /// All is answered, nothing is left to do, and nothing is done.
  void judge_rest();

 private:
  struct Made {
    std::uint32_t number = 0;  ///< 0: another user's.
    std::vector<RequestedOperation> operations;
  };

  bool optimistic_;
  std::vector<Made> made_;
};

[[nodiscard]] inline RequestedOperation set_item(const std::string& id, NamedCells set) {
  return sim::update_row("items", {{"id", id}}, std::move(set));
}
[[nodiscard]] inline RequestedOperation add_item(const std::string& id, const std::string& title) {
  return sim::insert_row("items", {{"id", id}, {"title", title}});
}

}  // namespace patchbay::check
