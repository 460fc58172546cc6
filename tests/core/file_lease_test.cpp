// The lease of a store's file, on real files.
#include "runtime/file_lease.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/temporary_directory.hpp"

namespace patchbay {
namespace {

class FileLeaseTest : public testing::Test {
 protected:
  const test::TemporaryDirectory made_;
  const std::filesystem::path directory_ = made_.path();
};

TEST_F(FileLeaseTest, HasOneOwnerUntilTheLastReferenceGoes) {
  auto first = take_file_lease(directory_ / "a.db");
  ASSERT_TRUE(first) << first.error().message;
  LeaseRef shared = *first;
  *first = nullptr;
  const auto refused = take_file_lease(directory_ / "a.db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::rejected);
  EXPECT_NE(refused.error().message.find("a.db.lease"), std::string::npos);
  EXPECT_TRUE(take_file_lease(directory_ / "b.db")) << "each file has its own";
  shared = nullptr;
  EXPECT_TRUE(take_file_lease(directory_ / "a.db"));
}

TEST_F(FileLeaseTest, IsOfItsFileWhileItIsInPlace) {
  const auto lease = take_file_lease(directory_ / "a.db");
  ASSERT_TRUE(lease);
  const auto other = take_file_lease(directory_ / "b.db");
  ASSERT_TRUE(other);
  EXPECT_TRUE((*lease)->is_of((directory_ / "a.db").string()));
  EXPECT_FALSE((*lease)->is_of((directory_ / "b.db").string()));
  std::filesystem::remove(directory_ / "a.db.lease");
  EXPECT_FALSE((*lease)->is_of((directory_ / "a.db").string()));
}

TEST_F(FileLeaseTest, MayBeTakenLaterWhereItsDirectoryIsGone) {
  const auto lease = take_file_lease(directory_ / "nowhere" / "a.db");
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().code, ErrorCode::retry);
}

}  // namespace
}  // namespace patchbay
