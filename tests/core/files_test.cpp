// Files that are replaced as a whole, and descriptors with an owner.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "files/file_replacement.hpp"
#include "files/owned_descriptor.hpp"
#include "support/temporary_directory.hpp"

namespace patchbay::files {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

bool is_open(int descriptor) {
  return fcntl(descriptor, F_GETFD) >= 0;
}

class Files : public testing::TestWithParam<Durability> {
 protected:
  std::error_code replace(const fs::path& file, std::string_view text) {
    return replace_file(file, text, GetParam());
  }

  test::TemporaryDirectory directory_;
};

TEST_P(Files, AreReplacedAsAWhole) {
  const fs::path file = directory_.path() / "a" / "b" / "file";
  EXPECT_EQ(replace(file, "a long text"), std::error_code());
  EXPECT_EQ(read(file), "a long text");
  const int before = open(file.c_str(), O_RDONLY);
  EXPECT_EQ(replace(file, "short"), std::error_code());
  EXPECT_EQ(read(file), "short");
  EXPECT_EQ(read(OwnedDescriptor(before).path()), "a long text") << "a reader's file was changed";
  EXPECT_FALSE(fs::exists(file.string() + ".new"));
}

TEST_P(Files, AreReplacedWhateverIsInTheWay) {
  const fs::path file = directory_.path() / "file";
  ASSERT_EQ(mkfifo((file.string() + ".new").c_str(), 0600), 0);
  EXPECT_EQ(replace(file, "text"), std::error_code());
  EXPECT_EQ(read(file), "text");
}

TEST_P(Files, StayAsTheyAreWhereTheyCannotBeReplaced) {
  const fs::path file = directory_.path() / "file";
  ASSERT_EQ(replace(file, "old"), std::error_code());
  fs::create_directories(file.string() + ".new/in the way");
  EXPECT_EQ(replace(file, "new"), std::errc::is_a_directory);
  EXPECT_EQ(read(file), "old");
  EXPECT_EQ(replace(file / "below", "new"), std::errc::not_a_directory);
}

INSTANTIATE_TEST_SUITE_P(EachDurability, Files,
                         testing::Values(Durability::none, Durability::disk));

TEST(FilesSync, TakesFilesAndDirectories) {
  const test::TemporaryDirectory directory;
  EXPECT_EQ(sync_to_disk(directory.path()), std::error_code());
  EXPECT_EQ(sync_to_disk(directory.path() / "none"), std::errc::no_such_file_or_directory);
}

TEST(OwnedDescriptor, ClosesOnceAndKeepsTheReasonOfAFailure) {
  const int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    OwnedDescriptor first(opened);
    const OwnedDescriptor second(std::move(first));
    EXPECT_EQ(second.get(), opened);
    errno = ENOSPC;
  }
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_FALSE(is_open(opened));
}

TEST(OwnedDescriptor, LeavesOpenWhatItIsToldTo) {
  const int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  OwnedDescriptor(opened).keep_open();
  EXPECT_TRUE(is_open(opened));
  close(opened);
}

}  // namespace
}  // namespace patchbay::files
