// A store that is damaged under the host that uses it: the other pattern continues, this one does
// so too or says why, and after the next start it has every accepted write that can still be read.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;

struct Harm {
  const char* what;
  const char* ending;  ///< Of the file that is hit.
  std::function<void(const fs::path&)> happens;
  bool writes_stay = true;  ///< In the log, where all of them are; or in the file that is moved.
  bool accepts = true;      ///< More writes, perhaps.
  std::function<void(const fs::path&)> is_undone = {};
};

/// Changes bytes as another program would: the file stays the same.
void overwrite(const fs::path& file, std::uintmax_t begin, std::uintmax_t end, char with) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(static_cast<std::streamoff>(begin));
  bytes << std::string(end - begin, with);
}

fs::path moved(const fs::path& file) {
  return file.string() + "-moved";
}

std::vector<Harm> harms() {
  const auto text_over = [](const fs::path& file) { overwrite(file, 0, fs::file_size(file), 'n'); };
  const auto cut = [](std::uintmax_t size) {
    return [size](const fs::path& file) {
      fs::resize_file(file, std::min(size, fs::file_size(file)));
    };
  };
  const auto move = [](const fs::path& file) { fs::rename(file, moved(file)); };
  const auto move_back = [](const fs::path& file) { fs::rename(moved(file), file); };
  return {
      {"the file is overwritten", "", text_over},
      {"the file is cut to one page", "", cut(4096)},
      {"the file is cut to nothing", "", cut(0)},
      {"the file is moved and comes back", "", move, true, false, move_back},
      {"the file is removed", "", [](const fs::path& file) { fs::remove(file); }, true, false},
      {"the file is replaced", "",
       [](const fs::path& file) {
         fs::remove(file);
         std::ofstream(file) << "text";
       },
       true, false},
      {"the log is overwritten", "-wal", text_over, false},
      {"the log is cut to nothing", "-wal", cut(0), false},
      {"the log is removed", "-wal", [](const fs::path& file) { fs::remove(file); }, false, false},
      {"the log is moved and comes back", "-wal", move, true, false, move_back},
      {"the index of the log is overwritten", "-shm", text_over}};
}

class DamagedWhileRunning : public testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(
        "CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);"
        "INSERT INTO items VALUES (1, 'one'), (2, 'two')",
        std::vector<std::string>{"items"});
    const auto first = deployment_->start_host(*deployment_ / "first", {"online"});
    EXPECT_TRUE(LocalApi(first->place("page")).is_ready("items"));
    // The backend answers, and no write is applied.
    lock_ = std::make_unique<SqlSession>(deployment_->database());
    lock_->run("BEGIN; LOCK TABLE public.items IN EXCLUSIVE MODE");
  }
  static void TearDownTestSuite() {
    lock_.reset();
    deployment_.reset();
  }
  void start(const std::string& directory) {
    host_ = deployment_->start_host(*deployment_ / directory, {"immutable", "through-db"});
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  Answer write(const std::string& pattern, const std::string& title) {
    return api_->write(pattern, R"("operation":"insert","table":"items","value":{"id":)" +
                                    std::to_string(++id_) + R"(,"title":")" + title + "\"}");
  }
  std::string shows(const std::string& pattern, const std::string& expected) {
    return api_->shows(expected, pattern, "items", "title");
  }
  void suffer(const Harm& harm, const std::string& directory);

  std::string pattern_ = GetParam();
  std::string other_ = pattern_ == "immutable" ? "through-db" : "immutable";
  int id_ = 2;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  inline static std::unique_ptr<Deployment> deployment_;
  inline static std::unique_ptr<SqlSession> lock_;
};

void DamagedWhileRunning::suffer(const Harm& harm, const std::string& directory) {
  start(directory);
  ASSERT_TRUE(api_->is_ready("items"));
  ASSERT_EQ(write(pattern_, "own1").status, 200);
  const fs::path file =
      *deployment_ / (directory + "/patterns/" + pattern_ + "/" + pattern_ + ".db" + harm.ending);
  harm.happens(file);
  EXPECT_EQ(write(other_, "own1").status, 200);
  EXPECT_EQ(shows(other_, "one own1* two"), "one own1* two");
  // A caller whose write is not accepted is told why, immediately.
  const Answer more = write(pattern_, "own2");
  std::string all = more.status == 200 ? "one own1* own2* two" : "one own1* two";
  EXPECT_TRUE(more.status == 200 || more.body.dump().find(pattern_ + ".db") < 1'000) << more.body;
  EXPECT_TRUE(harm.accepts || more.status != 200) << "it would be lost with this process";
  if (harm.is_undone) {
    harm.is_undone(file);
    EXPECT_TRUE(eventually([&] { return write(pattern_, "own2").status == 200; }));
    all = "one own1* own2* two";
    EXPECT_EQ(shows(pattern_, all), all);
  }
  host_->kill();
  start(directory);
  EXPECT_EQ(shows(other_, "one own1* two"), "one own1* two");
  if (harm.writes_stay) {
    EXPECT_EQ(shows(pattern_, all), all) << host_->errors();
  } else {
    EXPECT_TRUE(eventually([&] {
      const std::string shown = api_->column(pattern_, "items", "title");
      return shown == "one two" || shown == "one own2* two" || shown == all;
    })) << api_->column(pattern_, "items", "title");
  }
  EXPECT_EQ(write(pattern_, "own3").status, 200);
  host_->kill();
}

TEST_P(DamagedWhileRunning, LosesNothingThatCanBeRead) {
  int number = 0;
  for (const Harm& harm : harms()) {
    SCOPED_TRACE(harm.what);
    suffer(harm, pattern_ + std::to_string(++number));
  }
}

INSTANTIATE_TEST_SUITE_P(Immutable, DamagedWhileRunning, testing::Values("immutable"));
INSTANTIATE_TEST_SUITE_P(ThroughDb, DamagedWhileRunning, testing::Values("through-db"));

}  // namespace
}  // namespace patchbay::test
