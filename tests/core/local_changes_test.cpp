// LocalChanges alone: when the pattern looks into its files, and what follows from what it finds.
#include "runtime/local_changes.hpp"

#include "core/submission_parts.hpp"
#include "support/scripted_files.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class LocalChangesTest : public SubmissionParts {
 protected:
  using Look = FileWatch::Look;

  void watch() {
    static_cast<void>(slot_.host->watch("/store.db"));
    changes_.watch();
  }
  void look_fails_with(ErrorCode code) {
    pattern_->at_look = [code](Effects&) -> Result<bool> { return failure(code, "No."); };
  }

  ScriptedFiles files_;
  LocalChanges changes_{{executor_, clock_, &files_}, slot_, loop_, reader_};
};

TEST_F(LocalChangesTest, AreNotLookedForWhereThePatternAskedForNoFile) {
  changes_.watch();
  EXPECT_EQ(clock_.pending(), 0U);
  EXPECT_EQ(changes_.look(), Look::nothing);
  EXPECT_EQ(pattern_->looks, 0);
}

TEST_F(LocalChangesTest, AreLookedForAtFirstAndAtEachEvent) {
  watch();
  EXPECT_EQ(files_.watched, "/store.db");
  pass(0ms);
  EXPECT_EQ(pattern_->looks, 1);
  files_.event();
  executor_.run_all();
  EXPECT_EQ(pattern_->looks, 2);
}

TEST_F(LocalChangesTest, AreToldToReadersAndSent) {
  watch();
  pattern_->at_look = [](Effects& effects) -> Result<bool> {
    effects.send({write_id(1), 0, {update_item("1", "tea")}}, {});
    return true;
  };
  pattern_->at_read = [](const Query&, RowSink& sink) -> Result<void> {
    sink.row(item("1", "tea"));
    return {};
  };
  EXPECT_EQ(changes_.look(), Look::found);
  EXPECT_EQ(events_.take(), "write 1 accepted, row 1:tea*");
  EXPECT_EQ(sent(), "1");
}

TEST_F(LocalChangesTest, AreLookedForAgainLaterWhereThePatternCannotLook) {
  watch();
  look_fails_with(ErrorCode::retry);
  EXPECT_EQ(changes_.look(), Look::later);
  EXPECT_TRUE(loop_.is_running());
}

TEST_F(LocalChangesTest, FailThePatternThatCannotReadThem) {
  watch();
  look_fails_with(ErrorCode::rejected);
  EXPECT_EQ(changes_.look(), Look::end);
  EXPECT_EQ(loop_.failure_reason(), "No.");
  pattern_->looks = 0;
  EXPECT_EQ(changes_.look(), Look::end);
  EXPECT_EQ(pattern_->looks, 0) << "a failed pattern is not called";
}

TEST_F(LocalChangesTest, AreNotLookedForOnceStopped) {
  watch();
  changes_.stop();
  EXPECT_TRUE(files_.watched.empty());
  pass(10s);
  EXPECT_EQ(changes_.look(), Look::nothing);
  EXPECT_EQ(pattern_->looks, 0);
  changes_.watch();
  pass(0ms);
  EXPECT_EQ(pattern_->looks, 1) << "watched again";
}

/// The pattern has a store that other programs write.
class SharedLocalChanges : public LocalChangesTest {
 protected:
  SharedLocalChanges() {
    slot_.pattern.reset(sharing_);
    watch();
  }
  SharingPattern* sharing_ = new SharingPattern();
};

TEST_F(SharedLocalChanges, AreTakenForTheLastTimeByAPatternThatCloses) {
  sharing_->at_close = [](Effects& effects) -> Result<void> {
    effects.send({write_id(1), 0, {update_item("1", "tea")}}, {});
    return {};
  };
  EXPECT_TRUE(changes_.close("next"));
  EXPECT_EQ(sharing_->closed_for, "next ");
  EXPECT_EQ(sharing_->looks, 0);
  EXPECT_EQ(sent(), "1");
}

TEST_F(SharedLocalChanges, AreNotLostByAPatternThatCannotClose) {
  sharing_->at_close = [](Effects&) -> Result<void> { return failure(ErrorCode::retry, "Full."); };
  const auto closed = changes_.close("next");
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().message, "Full.");
  EXPECT_TRUE(loop_.is_running());
  sharing_->at_close = [](Effects&) -> Result<void> { return failure(ErrorCode::corrupt, "No."); };
  EXPECT_TRUE(changes_.close("next")) << "a failed pattern keeps nothing back";
  EXPECT_EQ(loop_.failure_reason(), "No.");
  EXPECT_TRUE(changes_.close("next"));
  EXPECT_EQ(sharing_->closed_for, "next next ") << "a failed pattern is not called";
}

TEST_F(LocalChangesTest, AreLookedForOnceMoreWhereAPatternCannotBeClosed) {
  watch();
  EXPECT_TRUE(changes_.close("next"));
  EXPECT_EQ(pattern_->looks, 1);
  look_fails_with(ErrorCode::retry);
  EXPECT_FALSE(changes_.close("next"));
}

}  // namespace
}  // namespace patchbay::test
