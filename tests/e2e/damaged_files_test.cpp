// A host starts whatever has become of a file that it writes: the patterns whose files are whole
// serve as before, and the others do so, or wait and say why, until the file is as it was. Files
// are damaged between two runs. PATCHBAY_LONG=1: each file in each way, and thousands of bits of a
// seed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"
#include "support/seeded.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kPatterns = {"online", "optimistic", "immutable", "through-db"};

/// Makes something else of the file.
using Damage = std::function<void(const fs::path&)>;

void fill(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

Damage instead(const std::function<void(const fs::path&)>& make) {
  return [make](const fs::path& file) {
    fs::remove_all(file);
    make(file);
  };
}

struct Way {
  std::string name;
  Damage damage;
  bool may_wait = false;  ///< The file is there, perhaps, and can be read again later.
};

const std::vector<Way>& ways() {
  static const std::vector<Way> all{
      {"is gone", instead([](const fs::path&) {})},
      {"is empty", [](const fs::path& file) { fill(file, ""); }},
      {"is cut in half",
       [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }},
      {"is full of zeros",
       [](const fs::path& file) { fill(file, std::string(fs::file_size(file), '\0')); }},
      {"is text", [](const fs::path& file) { fill(file, std::string(5'000, 'n') + "\n"); }},
      {"may not be read", [](const fs::path& file) { ::chmod(file.c_str(), 0); }, true},
      {"is a directory",
       instead([](const fs::path& file) { fs::create_directories(file / "in"); })},
      {"is a pipe", instead([](const fs::path& file) { ::mkfifo(file.c_str(), 0600); })},
      {"is a link to nothing", instead([](const fs::path& file) {
         fs::create_symlink(file.parent_path() / "nowhere" / "file", file);
       }),
       true},
      {"is a link to itself",
       instead([](const fs::path& file) { fs::create_symlink(file.filename(), file); })},
      {"is a link to a directory",
       instead([](const fs::path& file) { fs::create_symlink("/tmp", file); })}};
  return all;
}

/// Flips one bit of each file, where the seed says.
Way bit_flip(std::mt19937_64& random) {
  return {"has a bit flipped",
          [&random](const fs::path& file) {
            std::ifstream in(file, std::ios::binary);
            std::string bytes{std::istreambuf_iterator<char>(in), {}};
            if (bytes.empty()) return;
            char& byte = bytes[random() % bytes.size()];
            byte = static_cast<char>(byte ^ (1 << random() % 8));
            fill(file, bytes);
          },
          false};
}

class DamagedFiles : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(
        "CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);"
        "INSERT INTO items VALUES (1, 'one'), (2, 'two')",
        std::vector<std::string>{"items"});
    // Root, too, may then read only what the modes of a file say.
    ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
    fill_directory();
  }
  static void TearDownTestSuite() {
    lock_.reset();
    deployment_.reset();
  }

  /// Rows, an unfinished write of each durable pattern, and all files that a host has ever written.
  static void fill_directory() {
    auto host = deployment_->start_host(*deployment_ / "host", kPatterns);
    LocalApi api(host->place("page"));
    EXPECT_TRUE(api.is_ready("items"));
    EXPECT_TRUE(eventually([] { return fs::exists(*deployment_ / "host/shapes/items.log"); }));
    // The backend answers, and no write is applied: a host that starts waits for no one.
    lock_ = std::make_unique<SqlSession>(deployment_->database());
    lock_->run("BEGIN; LOCK TABLE public.items IN EXCLUSIVE MODE");
    for (const std::string pattern : {"immutable", "through-db"}) {
      EXPECT_EQ(api.write(pattern, R"("operation":"insert","table":"items","value":{"id":3,)"
                                   R"("title":"own"})")
                    .status,
                200);
    }
    host->kill();
    fs::copy(*deployment_ / "host", *deployment_ / "kept", fs::copy_options::recursive);
    fs::create_directory(fs::path(*deployment_ / "kept") / "crashes");
    for (const std::string& pattern : kPatterns) {
      fill(fs::path(*deployment_ / "kept") / "crashes" / pattern, "on_write SIGSEGV /gone.so\n");
    }
  }
  static void put_back() {
    fs::remove_all(*deployment_ / "host");
    fs::copy(*deployment_ / "kept", *deployment_ / "host", fs::copy_options::recursive);
  }
  /// All files of the directory, except the lock: two hosts in one directory are worse than none.
  static std::vector<std::string> files() {
    const fs::path top = *deployment_ / "kept";
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      const std::string name = fs::relative(entry.path(), top).string();
      if (entry.is_regular_file() && name != "patchbay.lock") found.push_back(name);
    }
    std::ranges::sort(found);
    return found;
  }
  /// The files of one pattern, or all except those.
  static std::vector<std::string> files_of(const std::string& pattern, bool others = false) {
    std::vector<std::string> found = files();
    std::erase_if(found, [&](const std::string& file) {
      return file.starts_with("patterns/" + pattern + "/") == others;
    });
    return found;
  }
  /// The rows of one pattern when all its files are whole.
  static std::string all_of(const std::string& pattern) {
    return pattern == "immutable" || pattern == "through-db" ? "one own* two" : "one two";
  }
  static std::string reason(LocalApi& api, const std::string& pattern) {
    const Answer answer = api.get("/api/patterns");
    for (const Json& one : answer.body.at("patterns")) {
      if (one.at("pattern") == pattern) return one.value("reason", "");
    }
    return "";
  }
  /// "" when the spared pattern serves all it had, and each other what can be read, or waits.
  static std::string judge(LocalApi& api, const std::string& spared, bool may_wait) {
    std::string wrong;
    for (const std::string& pattern : kPatterns) {
      std::string shown;
      const auto is_right = [&] {
        shown = api.column(pattern, "items", "title");
        if (shown == all_of(pattern)) return true;
        if (pattern == spared) return false;
        return shown == "one two" || (may_wait && !reason(api, pattern).empty());
      };
      if (!eventually(is_right)) {
        wrong += pattern + " shows " + shown + " (" + reason(api, pattern) + "); ";
      }
    }
    return wrong;
  }
  static std::string damage_and_judge(const std::vector<std::string>& names, const Way& way,
                                      const std::string& spared = "") {
    put_back();
    for (const std::string& name : names) way.damage(fs::path(*deployment_ / "host") / name);
    auto host = deployment_->start_host(*deployment_ / "host", kPatterns);
    LocalApi api(host->place("page"));
    std::string wrong = judge(api, spared, way.may_wait);
    if (host->interrupt() != 0) wrong += "it did not end; ";
    return wrong.empty() ? wrong : wrong + "\n" + host->errors();
  }

  inline static std::unique_ptr<Deployment> deployment_;
  inline static std::unique_ptr<SqlSession> lock_;
};

TEST_F(DamagedFiles, StartsWhateverBecameOfThem) {
  std::size_t number = 0;
  for (const Way& way : ways()) {
    const std::string spared = ++number % 2 == 0 ? "immutable" : "through-db";
    EXPECT_EQ(damage_and_judge(files_of(spared, true), way, spared), "")
        << "each file but those of " << spared << " " << way.name;
  }
  if (!is_long()) return;
  for (const std::string& name : files()) {
    for (const Way& way : ways()) {
      const std::string spared = name.find("immutable") < name.size() ? "through-db" : "immutable";
      EXPECT_EQ(damage_and_judge({name}, way, spared), "") << name << " " << way.name;
    }
  }
}

TEST_F(DamagedFiles, StartsWhateverBitOfThem) {
  std::mt19937_64 random(seed());
  const std::vector<std::string> all = files();
  const int rounds = is_long() ? 300 : 2;
  for (int round = 0; round < rounds; ++round) {
    EXPECT_EQ(damage_and_judge(all, bit_flip(random)), "")
        << "round " << round << ", " << seed_text();
  }
}

TEST_F(DamagedFiles, ServesAgainOnceItMayReadThem) {
  put_back();
  for (const std::string& name : files_of("immutable")) {
    ::chmod((*deployment_ / ("host/" + name)).c_str(), 0);
  }
  auto host = deployment_->start_host(*deployment_ / "host", kPatterns);
  LocalApi api(host->place("page"));
  EXPECT_TRUE(eventually([&] {
    return reason(api, "immutable").find("immutable.db.lease: Permission denied") < 1'000;
  })) << reason(api, "immutable");
  const std::string shown = api.column("immutable", "items", "title");
  EXPECT_NE(shown.find("is not running: The pattern waits to start: "), std::string::npos) << shown;
  EXPECT_EQ(judge(api, "through-db", true), "");
  for (const std::string& name : files_of("immutable")) {
    ::chmod((*deployment_ / ("host/" + name)).c_str(), 0600);
  }
  EXPECT_EQ(api.shows("one own* two", "immutable", "items", "title"), "one own* two");
  EXPECT_EQ(reason(api, "immutable"), "");
}

}  // namespace
}  // namespace patchbay::test
