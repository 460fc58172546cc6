#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "plugins/plugin_directory.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

void change_mode(const fs::path& path, mode_t mode) {
  ASSERT_EQ(chmod(path.c_str(), mode), 0);
}

TEST(PluginFile, RefusesAFileThatIsMissing) {
  const PluginDirectory directory;
  const auto loaded = directory.loader().load(directory.path() / "none.so");
  EXPECT_THAT(refusal(loaded), HasSubstr("none.so cannot be opened: No such file"));
}

TEST(PluginFile, RefusesWhatIsNotARegularFile) {
  const PluginDirectory directory;
  const fs::path pipe = directory.path() / "pipe.so";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const fs::path& path : {directory.path(), pipe, fs::path("/dev/null")}) {
    EXPECT_THAT(refusal(directory.loader().load(path)), HasSubstr("is not a regular file"));
  }
}

TEST(PluginFile, RefusesWhatIsNotASharedObject) {
  PluginDirectory directory;
  const auto loader = directory.loader();
  for (const char* text : {"", "\177ELF", "#!/bin/sh\necho no\n"}) {
    const fs::path path = directory.add_text("text.so", text);
    EXPECT_THAT(refusal(loader.load(path)), HasSubstr("is not a shared object"));
  }
  const fs::path program = directory.add("/proc/self/exe", "program.so");
  EXPECT_THAT(refusal(loader.load(program)), HasSubstr("is a program, not a shared object"));
}

TEST(PluginFile, RefusesADamagedFileWhereverItIsCutOff) {
  PluginDirectory directory;
  const auto loader = directory.loader();
  const fs::path path = directory.add_plugin("hello");
  const auto size = fs::file_size(path);
  for (const auto part : {size / 100, size / 3, size / 2, size - 1}) {
    fs::resize_file(path, part);
    EXPECT_THAT(refusal(loader.inspect(path)), HasSubstr("is cut off or damaged")) << part;
    fs::remove(path);
    directory.add_plugin("hello");
  }
}

TEST(PluginFile, RefusesWhatIsOutsideThePluginDirectories) {
  PluginDirectory directory;
  PluginDirectory elsewhere;
  const fs::path path = elsewhere.add_plugin("hello");
  const auto loader = directory.loader();
  const fs::path around = directory.path() / ".." / elsewhere.path().filename() / "hello.so";
  for (const fs::path& given : {path, around}) {
    EXPECT_THAT(refusal(loader.load(given)), HasSubstr("is outside the plugin directories"));
  }
  EXPECT_EQ(refusal(PluginLoader({directory.path(), elsewhere.path()}).load(path)), "");
  EXPECT_THAT(refusal(PluginLoader({}).load(path)), HasSubstr("is outside"));
}

TEST(PluginFile, RefusesALinkThatLeadsOutside) {
  PluginDirectory directory;
  PluginDirectory elsewhere;
  const fs::path path = elsewhere.add_plugin("hello");
  fs::create_symlink(path, directory.path() / "link.so");
  fs::create_directory_symlink(elsewhere.path(), directory.path() / "more");
  const auto loader = directory.loader();
  for (const char* name : {"link.so", "more/hello.so"}) {
    EXPECT_THAT(refusal(loader.load(directory.path() / name)),
                HasSubstr(path.string() + " is outside the plugin directories"));
  }
}

TEST(PluginFile, TakesALinkThatStaysInside) {
  PluginDirectory directory;
  const fs::path path = directory.add_plugin("hello");
  fs::create_symlink("hello.so", directory.path() / "current.so");
  const auto inspection = directory.loader().inspect(directory.path() / "current.so");
  EXPECT_EQ(refusal(inspection), "");
  EXPECT_EQ(inspection->path, fs::canonical(path));
}

TEST(PluginFile, RefusesAFileOthersCanWrite) {
  PluginDirectory directory;
  const fs::path path = directory.add_plugin("hello");
  for (const mode_t mode : {mode_t{0664}, mode_t{0646}}) {
    change_mode(path, mode);
    EXPECT_THAT(refusal(directory.loader().load(path)),
                HasSubstr("can be written by others; run: chmod go-w " + path.string()));
  }
}

TEST(PluginFile, RefusesAFileInADirectoryOthersCanWrite) {
  PluginDirectory directory;
  fs::create_directories(directory.path() / "a/b");
  change_mode(directory.path() / "a", 0755);
  change_mode(directory.path() / "a/b", 0755);
  const fs::path path =
      directory.add(PluginDirectory::built() / "lib/patchbay/plugins/hello.so", "a/b/hello.so");
  const auto loader = directory.loader();
  EXPECT_EQ(refusal(loader.load(path)), "");
  for (const fs::path& open : {directory.path(), directory.path() / "a", path.parent_path()}) {
    change_mode(open, 0775);
    EXPECT_THAT(refusal(loader.load(path)),
                HasSubstr("is in the directory " + open.string() + ", which can be written"));
    change_mode(open, 0755);
  }
}

TEST(PluginFile, RefusesWhatBelongsToAnotherUser) {
  PluginDirectory directory;
  const fs::path path = directory.add_plugin("hello");
  constexpr uid_t kNobody = 65534;
  const auto loader = directory.loader();
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path.c_str(), kNobody, kNobody), 0);
    EXPECT_THAT(refusal(loader.load(path)), HasSubstr("belongs to another user"));
    ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
    ASSERT_EQ(chown(directory.path().c_str(), kNobody, kNobody), 0);
    EXPECT_THAT(refusal(loader.load(path)), HasSubstr("which belongs to another user"));
    ASSERT_EQ(chown(directory.path().c_str(), 0, 0), 0);
  }
  EXPECT_EQ(refusal(loader.load(path)), "");
}

}  // namespace
}  // namespace patchbay::test
