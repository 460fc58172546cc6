// PastWrites alone: which ids may be of an earlier run, what the store says of them, and the
// backend.
#include "runtime/past_writes.hpp"

#include <patchbay/kit/write_digest.hpp>

#include "core/submission_parts.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class PastWritesTest : public SubmissionParts {
 protected:
  PastWritesTest() { run_pattern(memory_); }

  static Write old_write(std::uint32_t number) {
    return {write_id(number), 0, {insert_item("1", "milk")}};
  }
  /// "confirmed" | "other, confirmed" | "not ended", and ", or older" where the backend may know
  /// more; or the error's code.
  std::string recall(const Write& write) {
    const auto memory = past_.recall(write);
    if (!memory) return std::string(to_string(memory.error().code));
    return (memory->end ? print_answer(*memory->end) : "not ended") +
           (memory->may_be_older ? ", or older" : "");
  }
  std::string ask(const Write& write) {
    std::string said;
    past_.ask(write, [&said](const Result<std::optional<WriteStatus>>& outcome) {
      said = !outcome    ? std::string(to_string(outcome.error().code))
             : !*outcome ? "nothing"
                         : print_answer(**outcome) + " " + (*outcome)->rejection.message;
    });
    executor_.run_all();
    return said;
  }
  std::string status(const WriteId& id) {
    past_.status(id, told("status"));
    return answers();
  }
  static Rejection refusal(const std::string& message) {
    Rejection why;
    why.status = 409;
    why.message = message;
    return why;
  }

  RememberingPattern* memory_ = new RememberingPattern();
};

TEST_F(PastWritesTest, TakeForNewOnlyWhatThisRunMayHaveMade) {
  const auto now = clock_.wall_now();
  EXPECT_FALSE(past_.may_have_ended(make_write_id(now)));
  EXPECT_TRUE(past_.may_have_ended(make_write_id(now - 1ms)));
  EXPECT_TRUE(past_.may_have_ended(make_write_id(now + 1h))) << "its maker's clock is wrong";
  WriteId random = make_write_id(now);
  random.bytes[6] = 0x40;
  EXPECT_TRUE(past_.may_have_ended(random)) << "it says no time";
  EXPECT_FALSE(past_.may_have_ended(WriteId{})) << "the host makes one";
  lookup_.close();
  EXPECT_FALSE(past_.may_have_ended(make_write_id(now - 1ms))) << "nobody can be asked any more";
}

TEST_F(PastWritesTest, RecallEachEndFromTheStore) {
  memory_->ends[write_id(1)] = {false, digest_of(old_write(1).operations)};
  memory_->ends[write_id(2)] = {true, 77};
  memory_->ends[write_id(3)] = {false, 0};
  EXPECT_EQ(recall(old_write(1)), "confirmed");
  EXPECT_EQ(recall(old_write(2)), "other, discarded");
  EXPECT_EQ(recall(old_write(3)), "confirmed") << "its operations are not known";
  EXPECT_EQ(recall({write_id(2), 0, {}}), "discarded") << "there is nothing to compare";
}

TEST_F(PastWritesTest, TrustTheStoreAsFarBackAsItsMemoryReaches) {
  const auto now = clock_.wall_now();
  memory_->since_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>((now - 3h).time_since_epoch()).count();
  EXPECT_EQ(recall({make_write_id(now - 2h), 0, {}}), "not ended");
  EXPECT_EQ(recall({make_write_id(now - 4h), 0, {}}), "not ended, or older");
}

TEST_F(PastWritesTest, KnowNothingOfAPatternWithoutAMemoryOrThatDoesNotRun) {
  memory_->ends[write_id(1)] = {};
  loop_.fail("broken");
  EXPECT_EQ(recall(old_write(1)), "not ended, or older");
  loop_.set_running();
  run_pattern(new ScriptedPattern());
  EXPECT_EQ(recall(old_write(1)), "not ended, or older");
}

TEST_F(PastWritesTest, SayThatTheStoreCannotBeReadNow) {
  memory_->is_busy = true;
  EXPECT_EQ(recall(old_write(1)), "retry");
  EXPECT_EQ(status(write_id(1)), "status: retry");
  EXPECT_EQ(why_, "The store is busy.");
  EXPECT_TRUE(loop_.is_running());
  EXPECT_EQ(gateway_.asked, "");
}

TEST_F(PastWritesTest, AskTheBackendWhatItHasRecorded) {
  gateway_.recorded[write_id(1)] = Acknowledgement{700, 5'000, "s1"};
  gateway_.recorded[write_id(2)] = refusal("no tea");
  gateway_.recorded[write_id(3)] = Unknown{"down.", {}, true, false, false};
  EXPECT_EQ(ask(old_write(1)), "confirmed ");
  EXPECT_EQ(ask(old_write(2)), "rejected no tea");
  EXPECT_EQ(ask(old_write(3)), "retry");
  EXPECT_EQ(ask(old_write(4)), "nothing");
}

TEST_F(PastWritesTest, AnswerAStatusCallFromTheNearestPlaceThatKnows) {
  add_sent(1);
  memory_->ends[write_id(2)] = {true, 0};
  memory_->since_ms = 1;
  gateway_.recorded[write_id(3)] = Acknowledgement{700, 5'000, "s1"};
  EXPECT_EQ(status(write_id(1)), "status: submitted");
  EXPECT_EQ(status(write_id(2)), "status: discarded");
  EXPECT_EQ(gateway_.asked, "");
  EXPECT_EQ(status(write_id(3)), "status: confirmed");
  EXPECT_EQ(gateway_.asked, "3");
}

TEST_F(PastWritesTest, SayThatNobodyKnowsAWriteOnlyWhenThatIsCertain) {
  const WriteId of_this_run = make_write_id(clock_.wall_now());
  EXPECT_EQ(status(of_this_run), "status: rejected");
  EXPECT_EQ(why_, "The pattern \"test\" knows no write " + of_this_run.text() + ".");
  EXPECT_EQ(status(write_id(1)), "status: rejected") << "the store remembers all since 1970";
  EXPECT_EQ(gateway_.asked, "");
  memory_->since_ms = 1;
  EXPECT_EQ(status(write_id(2)), "status: rejected");
  gateway_.recorded[write_id(3)] = Unknown{"down.", {}, true, false, false};
  EXPECT_EQ(status(write_id(3)), "status: retry");
  EXPECT_EQ(gateway_.asked, "2 3");
}

}  // namespace
}  // namespace patchbay::test
