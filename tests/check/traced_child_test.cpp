// A child that is killed before its n-th change of a file has made the changes before it, and no
// others.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "check/file_calls.hpp"
#include "check/laws/kill_moments.hpp"
#include "check/traced_child.hpp"
#include "plugins/plugin_directory.hpp"

namespace patchbay::check {
namespace {

namespace fs = std::filesystem;

/// Appends a byte to a file, and to another one outside of the directory under proof.
class Writer {
 public:
  explicit Writer(const fs::path& directory)
      : inside_(open((directory / "inside").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)),
        outside_(open((directory.parent_path() / "outside").c_str(), O_CREAT | O_WRONLY, 0600)) {}

  void write_inside() const { EXPECT_EQ(write(inside_, "x", 1), 1); }
  void write_outside() const { EXPECT_EQ(write(outside_, "x", 1), 1); }
  void flush() const { EXPECT_EQ(fsync(inside_), 0); }

 private:
  int inside_;
  int outside_;
};

class TracedChild : public testing::Test {
 protected:
  TracedChild() { fs::create_directory(directory); }

  TracedEnd run(std::size_t kill_before, const std::function<void(const Writer&)>& work) const {
    const pid_t child = fork();
    if (child == 0) {
      const Writer writer(directory);
      writer.write_inside();  // not traced yet
      if (stop_for_tracer()) work(writer);
      _exit(7);
    }
    return trace_child(child, directory, kill_before);
  }
  [[nodiscard]] std::uintmax_t bytes_inside() const { return fs::file_size(directory / "inside"); }

  const test::PluginDirectory root;
  const fs::path directory = root.path() / "data";
};

void change_three_times(const Writer& writer) {
  writer.write_inside();
  writer.write_outside();
  writer.write_inside();
  writer.flush();
}

TEST_F(TracedChild, CountsTheChangesOfFilesBelowTheDirectory) {
  const TracedEnd end = run(0, change_three_times);
  EXPECT_TRUE(end.traced);
  EXPECT_EQ(end.changes, 3U);
  EXPECT_TRUE(WIFEXITED(end.status));
  EXPECT_EQ(WEXITSTATUS(end.status), 7);
  EXPECT_EQ(bytes_inside(), 3U);
}

TEST_F(TracedChild, IsKilledBeforeTheChangeIsMade) {
  for (const std::uintmax_t number : {1U, 2U, 3U}) {
    fs::remove(directory / "inside");
    const TracedEnd end = run(number, change_three_times);
    EXPECT_TRUE(WIFSIGNALED(end.status)) << number;
    EXPECT_EQ(WTERMSIG(end.status), SIGKILL) << number;
    EXPECT_EQ(end.changes, number);
    EXPECT_EQ(bytes_inside(), number) << "with the one before the trace";
  }
}

TEST_F(TracedChild, CountsCallsThatNameTheirFileByAPath) {
  const TracedEnd end = run(0, [&](const Writer&) {
    fs::create_directory(directory / "new");
    fs::rename(directory / "inside", directory / "moved");
    fs::remove(directory / "moved");
  });
  EXPECT_EQ(end.changes, 3U);
}

TEST_F(TracedChild, CountsWhatItsThreadsChange) {
  const TracedEnd end =
      run(0, [](const Writer& writer) { std::thread([&] { writer.write_inside(); }).join(); });
  EXPECT_EQ(end.changes, 1U);
  EXPECT_EQ(WEXITSTATUS(end.status), 7);
}

TEST_F(TracedChild, GetsItsSignals) {
  const TracedEnd end = run(0, [](const Writer&) {
    std::signal(SIGTERM, SIG_DFL);
    std::raise(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(end.status));
  EXPECT_EQ(WTERMSIG(end.status), SIGTERM);
}

TEST_F(TracedChild, IsWaitedForWhereItDoesNotStop) {
  const pid_t child = fork();
  if (child == 0) _exit(7);
  const TracedEnd end = trace_child(child, directory, 0);
  EXPECT_FALSE(end.traced);
  EXPECT_EQ(WEXITSTATUS(end.status), 7);
}

TEST(FileCalls, AreThoseThatChangeFilesBelowTheDirectory) {
  const test::PluginDirectory root;
  const fs::path directory = fs::canonical(root.path());
  fs::create_directory(directory / "da");
  const int file = open((directory / "file").c_str(), O_CREAT | O_WRONLY, 0600);
  const auto changes = [&](long call, const fs::path& below) {
    const std::array<std::uint64_t, 6> arguments{static_cast<std::uint64_t>(file)};
    return changes_file(getpid(), static_cast<std::uint64_t>(call), arguments, below);
  };
  EXPECT_TRUE(changes(SYS_write, directory));
  EXPECT_TRUE(changes(SYS_fdatasync, directory));
  EXPECT_FALSE(changes(SYS_read, directory));
  EXPECT_FALSE(changes(SYS_write, directory / "da"));
  EXPECT_FALSE(changes(SYS_write, directory / "fi")) << "the start of a name is not a directory";
  close(file);
  EXPECT_FALSE(changes(SYS_write, directory)) << "closed";
}

TEST(KillMoments, AreEvenlySpreadAndEndWithTheLastChange) {
  using Moments = std::vector<std::size_t>;
  EXPECT_EQ(kill_moments(1, 0, 3), Moments{}) << "a part without a change";
  EXPECT_EQ(kill_moments(1, 1, 3), Moments{}) << "a kill before it is one after the part before";
  EXPECT_EQ(kill_moments(5, 6, 3), Moments{6});
  EXPECT_EQ(kill_moments(5, 8, 3), (Moments{6, 7, 8}));
  EXPECT_EQ(kill_moments(5, 12, 3), (Moments{6, 9, 12}));
  EXPECT_EQ(kill_moments(1, 100, 2), (Moments{2, 100}));
}

}  // namespace
}  // namespace patchbay::check
