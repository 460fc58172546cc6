// A disk without room under the host's directory: what runs says so and goes on once there is room,
// and a host whose configuration has not changed starts. Needs the right to mount a small disk.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTable =
    "CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);"
    "INSERT INTO items VALUES (1, 'milk');";
const std::vector<std::string> kPatterns = {"online", "optimistic", "immutable", "through-db"};

/// A disk of 16 MiB in memory; gone with the test.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("patchbay-test", path_.c_str(), "tmpfs", 0, "size=16m,mode=755") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  void fill() const {
    std::ofstream filler(path_ + "/filler", std::ios::app);
    while (filler << std::string(4096, 'x') << std::flush) {
    }
  }
  void make_room() const { std::filesystem::remove(path_ + "/filler"); }

 private:
  std::string path_;
  bool mounted_ = false;
};

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "no right to mount a disk";
  }
  void start_host() {
    host_.reset();
    host_ = deployment_.start_host(deployment_ / "disk/host", kPatterns);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  /// "running: why": of a pattern.
  [[nodiscard]] std::string state(const std::string& pattern) const {
    const Answer answer = api_->get("/api/patterns");
    if (answer.status != 200) return answer.body.dump();
    for (const Json& one : answer.body.at("patterns")) {
      if (one.at("pattern") != pattern) continue;
      return one.at("state").get<std::string>() + ": " + one.at("reason").get<std::string>();
    }
    return "none";
  }

  Deployment deployment_{kTable, {"items"}};
  SmallDisk disk_{deployment_ / "disk"};
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
};

TEST_F(FullDisk, KeepsNoHostFromStartingWhoseConfigurationIsTheSame) {
  start_host();
  ASSERT_TRUE(api_->is_ready("items")) << host_->errors();
  host_->kill();
  disk_.fill();
  start_host();
  for (const std::string& pattern : kPatterns) {
    EXPECT_EQ(api_->shows("milk", pattern, "items", "title"), "milk");
    EXPECT_EQ(state(pattern), "running: ");
  }
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
}

/// SQLite tidies up at an end with room, and needs room for files of its own at the next start.
TEST_F(FullDisk, IsWhatADurablePatternThatCannotStartNames) {
  start_host();
  ASSERT_TRUE(api_->is_ready("items")) << host_->errors();
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
  disk_.fill();
  const auto refused = deployment_.start_host(deployment_ / "disk/host", kPatterns);
  EXPECT_EQ(refused->exit_code(), 2);
  EXPECT_NE(refused->errors().find("immutable.db cannot grow: no space is left"), std::string::npos)
      << refused->errors();
  const auto in_memory =
      deployment_.start_host(deployment_ / "disk/host", {"online", "optimistic"});
  EXPECT_NE(in_memory->place("page"), "");
  EXPECT_NE(in_memory->errors().find("api-address cannot be written"), std::string::npos)
      << in_memory->errors();
}

TEST_F(FullDisk, IsSaidByAPatternThatWaitsForRoom) {
  start_host();
  ASSERT_TRUE(api_->is_ready("items")) << host_->errors();
  disk_.fill();
  SqlSession(deployment_.database())
      .run(
          "INSERT INTO public.items SELECT n, repeat('x', 500) FROM generate_series(2, 1000) AS n");
  for (const std::string pattern : {"immutable", "through-db"}) {
    EXPECT_TRUE(eventually([&] {
      return state(pattern).starts_with("running: The pattern waits, and its rows may be out of ");
    })) << state(pattern);
    EXPECT_NE(state(pattern).find("no space is left"), std::string::npos) << state(pattern);
  }
  EXPECT_EQ(state("online"), "running: ");
  disk_.make_room();
  for (const std::string& pattern : kPatterns) {
    EXPECT_TRUE(eventually([&] { return state(pattern) == "running: "; })) << state(pattern);
  }
  EXPECT_EQ(host_->interrupt(), 0) << host_->errors();
}

}  // namespace
}  // namespace patchbay::test
