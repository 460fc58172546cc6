// Where the writes of one look end: marks of one and of several connections, and the bounds.
#include "look_cut.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::Extent;
using sqlite::LocalWrite;
using sqlite::MarkReader;

/// The entries of a log: "m" a mark, "c" a change, each with the changes of its connection before
/// it; "m0 c3". Gives the writes: "* 1" a marked one of one change.
std::string writes_of(const std::string& log) {
  MarkReader marks;
  std::vector<std::pair<bool, int>> writes;
  for (std::size_t at = 0; at < log.size(); at = log.find(' ', at) + 1) {
    const std::string entry = log.substr(at, log.find(' ', at) - at);
    std::optional<std::int64_t> changes;
    if (entry.size() > 1) changes = std::stoll(entry.substr(1));
    if (entry.front() == 'm') {
      marks.mark(changes);
    } else {
      if (marks.begins_write(changes)) writes.emplace_back(marks.is_marked(), 0);
      ++writes.back().second;
    }
    if (log.find(' ', at) == std::string::npos) break;
  }
  std::string text;
  for (const auto& [marked, count] : writes) {
    text += (text.empty() ? "" : ", ") + std::string(marked ? "* " : "") + std::to_string(count);
  }
  return text;
}

TEST(MarkReader, OpensAndClosesAWriteByMarks) {
  EXPECT_EQ(writes_of("c0 c1"), "2");
  EXPECT_EQ(writes_of("m0 c3 c5 m7"), "* 2");
  EXPECT_EQ(writes_of("c0 m2 c5 m7 c9 c11"), "1, * 1, 2");
  EXPECT_EQ(writes_of("m0 c3 m5 m8 c11 m13"), "* 1, * 1");
  EXPECT_EQ(writes_of("m0 m3 c6"), "1") << "nothing was written between them";
}

TEST(MarkReader, ClosesAMarkWhereAnotherConnectionBegins) {
  EXPECT_EQ(writes_of("m5 c8 c0 c2"), "* 1, 2") << "its mark is not closed";
  EXPECT_EQ(writes_of("m5 c8 m0 c3"), "* 1, * 1") << "the second mark is another program's";
  EXPECT_EQ(writes_of("m5 c8 m10 c0 c2"), "* 1, 2");
  EXPECT_EQ(writes_of("m0 c3 c9"), "* 2") << "nothing tells";
  EXPECT_EQ(writes_of("m9 c0 c2"), "2") << "the mark was committed alone";
  EXPECT_EQ(writes_of("m c c m c"), "* 2, * 1") << "of an older file, where none closes";
}

class CutBySize : public testing::Test {
 protected:
  LocalWrite write(std::size_t changes, std::size_t bytes, Extent extent) {
    LocalWrite one;
    one.extent = extent;
    for (std::size_t at = 0; at < changes; ++at) {
      one.changes.push_back(
          {insert_item(std::to_string(at), std::string(bytes, 'x')), {}, {}, {}});
    }
    return one;
  }
  /// The changes of each write: "1000 1000 500"; "!" behind one that may not be divided.
  static std::string cut(LocalWrite whole) {
    std::vector<LocalWrite> found;
    found.push_back(std::move(whole));
    std::string text;
    for (const LocalWrite& one : sqlite::cut_by_size(std::move(found))) {
      text += (text.empty() ? "" : " ") + std::to_string(one.changes.size()) +
              (one.extent == Extent::several ? "" : "!");
    }
    return text;
  }
};

TEST_F(CutBySize, KeepsTogetherWhatIsOneTransactionAndFitsARequest) {
  EXPECT_EQ(cut(write(2'500, 10, Extent::several)), "1000 1000 500");
  EXPECT_EQ(cut(write(2'500, 10, Extent::single)), "2500!");
  EXPECT_EQ(cut(write(2'500, 10, Extent::marked)), "2500!");
}

TEST_F(CutBySize, CutsAtBytes) {
  EXPECT_EQ(cut(write(5, 400 << 10, Extent::several)), "2 2 1");
  EXPECT_EQ(cut(write(3, 2 << 20, Extent::several)), "1 1 1");
  EXPECT_EQ(cut(write(5, 1 << 20, Extent::single)), "5!");
  EXPECT_EQ(cut(write(9, 1 << 20, Extent::single)), "1 1 1 1 1 1 1 1 1") << "over a request";
  EXPECT_EQ(cut(write(9, 1 << 20, Extent::marked)), "9!") << "the server refuses it";
}

TEST_F(CutBySize, CountsWhatJsonMakesOfAText) {
  const auto bytes = [](const std::string& title) {
    return sqlite::request_bytes(insert_item("1", title));
  };
  EXPECT_EQ(bytes("\"\\") - bytes("xx"), 2U);
  EXPECT_EQ(bytes("\x01") - bytes("x"), 5U);
}

}  // namespace
}  // namespace patchbay::test
