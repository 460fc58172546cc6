// SubmissionParts: WriteParts and what stands between an app and its writes, wired as the runner
// does it; effects are carried out. For the tests of submits, past writes, refused writes and local
// changes; no threads.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "core/write_parts.hpp"
#include "runtime/effect_carrier.hpp"
#include "runtime/outcome_lookup.hpp"
#include "runtime/past_writes.hpp"
#include "runtime/view_reader.hpp"
#include "runtime/write_submission.hpp"

namespace patchbay::test {

class SubmissionParts : public WriteParts {
 protected:
  SubmissionParts() { slot_.host->learn(items_schema()); }

  void carry_out(std::vector<Effect>& effects) override { carrier_.carry_out(effects); }

  /// Puts another pattern into the slot, which owns it.
  void run_pattern(ScriptedPattern* pattern) {
    slot_.pattern.reset(pattern);
    pattern_ = pattern;
  }
  /// Refuses with this error whatever the pattern is asked next.
  static std::function<Result<void>(const Write&, Effects&)> refuses(ErrorCode code) {
    return [code](const Write&, Effects&) -> Result<void> { return failure(code, "No."); };
  }
  /// A callback whose answers come to `answers`: "first: accepted; second: retry".
  std::function<void(const Result<WriteStatus>&)> told(const std::string& name) {
    return [this, name](const Result<WriteStatus>& status) {
      answers_ += (answers_.empty() ? "" : "; ") + name + ": " + print_answer(status);
      last_ = status ? *status : WriteStatus{};
      why_ = status ? "" : status.error().message;
    };
  }
  [[nodiscard]] std::string answers() {
    executor_.run_all();
    return std::exchange(answers_, {});
  }

  std::string answers_;
  WriteStatus last_;  ///< Of the last answer.
  std::string why_;   ///< The message of the last answer, if it was an error.
  EffectCarrier carrier_{options_.name, loop_, book_, sender_, view_};
  ViewReader reader_{slot_, loop_, book_, view_};
  OutcomeLookup lookup_{executor_, clock_, gateway_};
  PastWrites past_{slot_, loop_, book_, lookup_};
  WriteSubmission submission_{{slot_, loop_, book_, sender_, reader_, past_}};
};

}  // namespace patchbay::test
