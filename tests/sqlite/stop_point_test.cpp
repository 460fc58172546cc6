// Each stop point of the steps, by a process that really ends there: before a commit nothing of the
// step is in the file, behind it everything.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sqlite/plain_rows.hpp"
#include "stop_point.hpp"
#include "support/pattern_driver.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

struct Ending {
  std::string where;  ///< PATCHBAY_STOP_AT
  std::string start;  ///< The effects of the next start.
  std::string view;
  std::string resumed;
};

/// In the order of the child's life: the state before a commit is the one behind the last.
const std::vector<Ending>& endings() {
  const std::string sent = "send 1, send 1000";
  const std::string rejected = "restore 1: no eggs, send 1000";
  const std::string divided = "restore 1: no eggs, send 11, send 12";
  static const std::vector<Ending> all{
      {"start.before_commit", "", "", ""},
      {"start.committed", "", "", ""},
      {"stage.before_commit", "", "", ""},
      {"stage.committed", "", "", ""},
      {"batch.before_commit", "", "", ""},
      {"batch.committed", "", "1:milk", "items h1 0_0"},
      {"write.before_commit", "", "1:milk", "items h1 0_0"},
      {"write.committed", "send 1", "1:oat  2:eggs", "items h1 0_0"},
      {"sending.before_commit", "send 1", "1:oat  2:eggs", "items h1 0_0"},
      {"sending.committed", "send 1", "1:oat  2:eggs", "items h1 0_0"},
      // What the log holds is found by the next start, killed before it was taken or after.
      {"local.before_commit", sent, "1:oat  2:eggs  4:jam  5:tea", "items h1 0_0"},
      {"local.committed", sent, "1:oat  2:eggs  4:jam  5:tea", "items h1 0_0"},
      {"outcome.before_commit", sent, "1:oat  2:eggs  4:jam  5:tea", "items h1 0_0"},
      {"outcome.committed", rejected, "1:milk  4:jam  5:tea", "items h1 0_0"},
      {"divided.before_commit", rejected, "1:milk  4:jam  5:tea", "items h1 0_0"},
      {"divided.committed", divided, "1:milk  4:jam  5:tea", "items h1 0_0"},
      {"batch.before_commit:2", divided, "1:milk  4:jam  5:tea", "items h1 0_0"},
      {"batch.committed:2", "restore 1: no eggs", "1:milk  4:jam  5:tea", "items h1 9_0"},
      {"adopt.before_commit", "restore 1: no eggs", "1:milk  4:jam  5:tea", "items h1 9_0"},
      {"adopt.committed", "send 7", "1:milk  4:jam  5:tea  7:x", "items h1 9_0"},
  };
  return all;
}

class StopPointTest : public StoreTest {
 protected:
  /// The signal that ended the child; 0 when it ended by itself.
  int run_child(const std::string& where) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("PATCHBAY_STOP_AT", where.c_str(), 1);
      ::execl(PATCHBAY_BINARY_DIR "/bin/sqlite_stop_point_child",
              PATCHBAY_BINARY_DIR "/bin/sqlite_stop_point_child", directory.c_str(), nullptr);
      ::_exit(3);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
};

TEST_F(StopPointTest, ASteppedOnFileHoldsTheWholeStepOrNothing) {
  for (const Ending& ending : endings()) {
    EXPECT_EQ(run_child(ending.where), SIGKILL) << ending.where;
    PlainRowsLog calls;
    FakeHost successor;
    successor.directory = directory.string();
    successor.tables["items"] = &items_schema();
    {
      sqlite::SqlitePattern pattern(plain_parts(calls));
      PatternDriver driver(pattern, successor);
      EXPECT_EQ(driver.start(), ending.start) << ending.where;
      // Before the first batch there are no tables to look into.
      EXPECT_EQ(ending.view.empty() ? "" : driver.view(), ending.view) << ending.where;
      EXPECT_EQ(successor.resumed.empty() ? "" : successor.resumed.front(), ending.resumed)
          << ending.where;
      EXPECT_TRUE(successor.logged.empty()) << ending.where << ": " << successor.logged.front();
    }
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      std::filesystem::remove_all(entry);
    }
  }
}

TEST_F(StopPointTest, AProcessThatIsNotToStopRunsToItsEnd) {
  EXPECT_EQ(run_child(""), 0);
  EXPECT_EQ(run_child("write.committed:2"), 0);
}

TEST(StopPoints, HaveEachANameOfTheirOwn) {
  for (const std::string_view name : kStopPoints) {
    EXPECT_EQ(std::ranges::count(kStopPoints, name), 1) << name;
  }
}

}  // namespace
}  // namespace patchbay::test
