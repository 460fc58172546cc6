// Script: a world that tells its steps to a trial, and judges what a law asks. A law makes one,
// plays the steps and lets it judge. Law -> this -> the trial. One thread.
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

/// The parts of a script that exist before its world, which uses them while its pattern starts.
struct ScriptParts {
  explicit ScriptParts(Trial& its_trial) : trial(its_trial), watch(its_trial) {}
  Trial& trial;
  Watch watch;
};

class Script : public ScriptParts, public sim::World {
 public:
  struct Options {
    bool reject_dependents = false;
    bool offline = false;                       ///< At first without a network.
    std::filesystem::path directory = {};       ///< Empty: a new one.
    std::filesystem::path server_journal = {};  ///< Empty: the server ends with the script.
    std::function<void(std::uint32_t, const std::string&)> answered = {};
  };

  Script(const Subject& subject, Trial& its_trial, const std::string& name);
  Script(const Subject& subject, const sim::PatternUnderTest& pattern, Trial& its_trial,
         const std::string& name, const Options& options);

  /// Rows in every table, at the server and on the device.
  void fill();
  /// Do what World::write and World::others do, and remember what the server's rows should become.
  void write(std::uint32_t number, std::vector<RequestedOperation> operations);
  void others(const std::vector<RequestedOperation>& operations);
  void poll_all();
  void refetch_all();

  /// Whether the pattern shows writes immediately.
  [[nodiscard]] bool optimistic() const noexcept { return optimistic_; }
  /// Whether the view shows the cell so.
  [[nodiscard]] bool view_has(const SeenCell& cell);
  /// Judges that the view is this now, of a pattern that shows writes immediately.
  void shows(const std::string& table, const std::string& expected);
  /// Judges that the view is this now, of any pattern.
  void shows_at_last(const std::string& table, const std::string& expected);
  /// Judges that the write has ended so, unless the pattern has refused it immediately.
  void ended(std::uint32_t number, const std::string& state);

  /// Judges that the pattern has not failed.
  void judge_running();
  /// Judges that the view, the events and the server's rows agree.
  void judge_tables() { trial.fail(wrong_in_tables()); }
  /// Judges that each write has ended as it should, and that the server's rows are their result.
  void judge_writes();
  /// Judges that writes first arrived in the order in which the app made them.
  void judge_order();
  /// Judges that everything is answered, nothing is left to do, and nothing is done.
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
