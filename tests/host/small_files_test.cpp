// The small files of a directory are what was written, or are set aside: whatever byte of them.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "app/api_address.hpp"
#include "app/directory_lock.hpp"
#include "config/sealed_text.hpp"
#include "embedded/sync/kept_shapes.hpp"
#include "plugins/plugin_directory.hpp"

namespace patchbay::app {
namespace {

namespace fs = std::filesystem;

class SmallFiles : public testing::Test {
 protected:
  [[nodiscard]] fs::path directory() const { return directory_.path(); }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(directory() / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string bytes_of(const std::string& name) const {
    return text_in(directory() / name).value_or("");
  }
  [[nodiscard]] std::size_t set_aside(const std::string& name) const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(directory())) {
      if (entry.path().filename().string().starts_with(name + ".damaged-")) ++count;
    }
    return count;
  }
  /// Calls `look` with each bit of the file flipped in turn, and with each of its beginnings.
  void damage(const std::string& name, const std::function<void(const std::string&)>& look) const {
    const std::string whole = bytes_of(name);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      write(name, damaged);
      look("byte " + std::to_string(at));
      write(name, whole.substr(0, at));
      look("cut at " + std::to_string(at));
    }
  }

  test::PluginDirectory directory_;
};

TEST_F(SmallFiles, ATokenIsKeptOrMadeAgain) {
  const std::string token = read_or_make_token(directory()).value();
  EXPECT_EQ(read_or_make_token(directory()).value(), token);
  EXPECT_EQ(bytes_of("token"), token + "\n") << "one line, for whoever reads it by hand";
  std::size_t flipped = 0;
  damage("token", [&](const std::string& what) {
    const auto now = read_or_make_token(directory());
    ASSERT_TRUE(now) << what;
    if (*now == token) return;  // its newline was hit
    ++flipped;
    EXPECT_EQ(read_or_make_token(directory()).value(), *now) << what;
  });
  EXPECT_GT(flipped, token.size());
  EXPECT_GT(set_aside("token"), token.size() - 4);
  fs::remove(directory() / "token");
  fs::create_directories(directory() / "token" / "inside");
  EXPECT_TRUE(read_or_make_token(directory()));
}

TEST_F(SmallFiles, ATokenByHandOrOfAnEarlierVersionIsTaken) {
  for (const char* token : {"secret", "00112233445566778899aabbccddeeff"}) {
    write("token", std::string(token) + "\n");
    EXPECT_EQ(read_or_make_token(directory()).value(), token);
  }
}

TEST_F(SmallFiles, AnAddressIsTheOneThatWasWritten) {
  ApiAddress address;
  const std::string url = "http://127.0.0.1:8787";
  DirectoryLock lock;
  ASSERT_TRUE(lock.take(directory()));
  ASSERT_TRUE(address.write(directory(), url));
  EXPECT_EQ(read_api_address(directory()).value(), url);
  damage("api-address", [&](const std::string& what) {
    const auto read = read_api_address(directory());
    EXPECT_TRUE(!read || *read == url || read->empty()) << what << ": " << *read;
  });
}

TEST_F(SmallFiles, AHostThatHasNoAddressYetIsToldFromNone) {
  const auto said = [this] { return read_api_address(directory()).error().message; };
  EXPECT_EQ(said().find("No host runs in the directory"), 0U) << said();
  DirectoryLock lock;
  ASSERT_TRUE(lock.take(directory()));
  EXPECT_NE(said().find("is starting and has no address yet"), std::string::npos) << said();
}

TEST_F(SmallFiles, KeptShapesAreWhatWasWrittenOrNone) {
  embedded::KeptShapes kept;
  kept.system = "7/1";
  kept.position = 77;
  embedded::KeptShape shape;
  shape.handle = "h1";
  shape.table = {"public", "items"};
  kept.shapes.push_back(shape);
  const fs::path file = directory() / "shapes.json";
  ASSERT_TRUE(embedded::save_kept_shapes(file, kept));
  EXPECT_EQ(embedded::load_kept_shapes(file).shapes.size(), 1U);
  damage("shapes.json", [&](const std::string& what) {
    const auto read = embedded::load_kept_shapes(file);
    EXPECT_TRUE(read.shapes.empty()) << what;
    EXPECT_EQ(read.system, "") << what;
  });
  EXPECT_GT(set_aside("shapes.json"), 100U);
}

TEST_F(SmallFiles, ALockCanBeTakenWhereADirectoryWas) {
  fs::create_directories(directory() / "patchbay.lock" / "inside");
  DirectoryLock lock;
  EXPECT_TRUE(lock.take(directory()));
}

}  // namespace
}  // namespace patchbay::app
