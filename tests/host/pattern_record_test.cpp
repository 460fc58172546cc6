// The record of which module has the writes: what is written is read again, and nothing else is
// believed.
#include "patterns/pattern_record.hpp"

#include <gtest/gtest.h>

#include "config/sealed_text.hpp"
#include "plugins/plugin_directory.hpp"

namespace patchbay::patterns {
namespace {

namespace fs = std::filesystem;
using test::refusal;

class PatternRecords : public testing::Test {
 protected:
  [[nodiscard]] fs::path directory() const { return directory_.path(); }
  [[nodiscard]] fs::path file(const std::string& instance = "notes") const {
    return record_file(directory(), instance);
  }
  void write_text(const std::string& text, const std::string& instance = "notes") const {
    fs::create_directories(file(instance).parent_path());
    std::ofstream(file(instance)) << text;
  }
  [[nodiscard]] std::string text(const std::string& instance = "notes") const {
    return unsealed(text_in(file(instance)).value_or("")).text;
  }
  /// Writes it, and what a later run would write after reading it.
  [[nodiscard]] std::string written_twice(const PatternRecord& record) const {
    EXPECT_EQ(refusal(write_record(file(), record)), "");
    const std::string first = text();
    const auto read = read_record(file());
    EXPECT_TRUE(read && *read) << refusal(read);
    if (!read || !*read) return first;
    EXPECT_EQ(refusal(write_record(file(), **read)), "");
    return first == text() ? first : first + "became\n" + text();
  }

  [[nodiscard]] std::size_t set_aside() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(file().parent_path())) {
      if (entry.path().string().find(".damaged-") != std::string::npos) ++count;
    }
    return count;
  }

  test::PluginDirectory directory_;
};

TEST_F(PatternRecords, AreInTheDirectoryOfTheirPattern) {
  EXPECT_EQ(record_file("/data", "notes"), "/data/patterns/notes/module");
}

TEST_F(PatternRecords, ComeBackAsTheyWere) {
  EXPECT_EQ(written_twice({"online", {"/a path/x.so", "optimistic"}, false, {}, {}}),
            "patchbay 2\nconfigured online\nmodule /a path/x.so\nid optimistic\ndurable no\n");
  EXPECT_EQ(
      written_twice(
          {"immutable", {"online", "online"}, false, NamedModule{"/b/im.so", "immutable"}, {}}),
      "patchbay 2\nconfigured immutable\nmodule online\nid online\ndurable no\n"
      "keeper /b/im.so\nkeeper-id immutable\n");
}

TEST_F(PatternRecords, CarryAnAddedPatternWhole) {
  PatternRecord record{"through-db", {"through-db", "through-db"}, true, {}, {}};
  record.added = PatternConfig{
      "notes", "through-db", {"todos", "work.items"}, {{"empty", ""}, {"where", "a = b"}}, true};
  EXPECT_EQ(written_twice(record),
            "patchbay 2\nconfigured through-db\nmodule through-db\nid through-db\ndurable yes\n"
            "added yes\ntable todos\ntable work.items\nsetting empty=\nsetting where=a = b\n"
            "on_reject dependents\n");
  const auto added = added_patterns(directory());
  ASSERT_TRUE(added);
  ASSERT_EQ(added->size(), 1U);
  EXPECT_EQ(added->front().name, "notes");
  EXPECT_EQ(added->front().module, "through-db");
  EXPECT_EQ(added->front().tables, record.added->tables);
  EXPECT_EQ(added->front().settings, record.added->settings);
  EXPECT_TRUE(added->front().reject_dependents);
}

TEST_F(PatternRecords, NameTheOneSourceOfWrites) {
  const auto source = [](bool durable, bool kept) -> std::string {
    PatternRecord record{"", {"current", "current"}, durable, {}, {}};
    if (kept) record.remaining_source = NamedModule{"keeper", "keeper"};
    return record.source() == nullptr ? "none" : record.source()->name;
  };
  EXPECT_EQ(source(false, false), "none");
  EXPECT_EQ(source(true, false), "current");
  EXPECT_EQ(source(false, true), "keeper");
  EXPECT_EQ(source(true, true), "keeper");
}

TEST_F(PatternRecords, AreNoneWhereThereIsNoFile) {
  const auto read = read_record(file());
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST_F(PatternRecords, AreSetAsideWhenTheyAreNotUnderstood) {
  const std::string whole = "patchbay 1\nconfigured a\nmodule a\nid a\ndurable yes\n";
  for (const std::string& contents : {std::string(), std::string("patchbay 2\nmodule a\nid a\n"),
                                      std::string("SQLite format 3\n"), std::string("patchbay 1\n"),
                                      std::string("patchbay 1\nmodule a\n"), whole + "owner b\n",
                                      whole + "\n", whole.substr(0, whole.find("ed a"))}) {
    write_text(contents);
    const auto read = read_record(file());
    ASSERT_TRUE(read) << contents;
    EXPECT_FALSE(*read) << contents;
    EXPECT_FALSE(fs::exists(file())) << contents;
  }
  EXPECT_EQ(set_aside(), 8U);
}

TEST_F(PatternRecords, OfANewerVersionAreRefused) {
  write_text(sealed("patchbay 3\nnews 1\n"));
  EXPECT_NE(refusal(read_record(file())).find("is of a newer version"), std::string::npos);
  EXPECT_TRUE(fs::exists(file()));
}

TEST_F(PatternRecords, AreReadFromTheirCopyWhateverByteIsDamaged) {
  const PatternRecord record{
      "immutable", {"online", "online"}, false, NamedModule{"k", "immutable"}, {}};
  ASSERT_EQ(refusal(write_record(file(), record)), "");
  const std::string bytes = text_in(file()).value_or("");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    write_text(at % 3 == 0 ? bytes.substr(0, at) : damaged);
    const auto read = read_record(file());
    ASSERT_TRUE(read && *read) << at << refusal(read);
    ASSERT_TRUE((*read)->remaining_source) << at;
    EXPECT_EQ(*(*read)->remaining_source, *record.remaining_source) << at;
    const auto again = read_record(file());
    ASSERT_TRUE(again && *again) << at << ": a start reads it more than once";
    EXPECT_EQ(text_in(file()), bytes) << at;
  }
  fs::remove(file());
  fs::create_directories(file());
  EXPECT_TRUE(read_record(file()).value()) << "a directory in its place";
  ASSERT_EQ(refusal(write_record(file(), record)), "");
  EXPECT_EQ(text_in(file()), bytes);
}

TEST_F(PatternRecords, ListWhatWasAddedByName) {
  const std::string head = "patchbay 1\nconfigured online\nmodule online\nid online\ndurable no\n";
  write_text(head + "added yes\n", "zebra");
  write_text(head, "configured");
  write_text(head + "added yes\n", "ant");
  fs::create_directories(directory() / "patterns" / "without");
  const auto added = added_patterns(directory());
  ASSERT_TRUE(added);
  ASSERT_EQ(added->size(), 2U);
  EXPECT_EQ(added->at(0).name, "ant");
  EXPECT_EQ(added->at(1).name, "zebra");

  write_text("damaged", "ant");
  EXPECT_EQ(added_patterns(directory())->size(), 1U) << "the others are there";
  EXPECT_TRUE(added_patterns(directory() / "never")->empty());
}

TEST_F(PatternRecords, StayAsTheyWereWhenTheyCannotBeWritten) {
  const PatternRecord record{"online", {"online", "online"}, false, {}, {}};
  ASSERT_EQ(refusal(write_record(file(), record)), "");
  const std::string before = text();
  fs::path in_the_way = file();
  in_the_way += ".new";
  fs::create_directories(in_the_way);
  const auto written =
      write_record(file(), {"immutable", {"immutable", "immutable"}, true, {}, {}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::retry);
  EXPECT_NE(written.error().message.find(file().string()), std::string::npos);
  EXPECT_EQ(text(), before);
}

TEST_F(PatternRecords, KnowWhetherAStoreLiesBesideThem) {
  EXPECT_FALSE(is_alone(file())) << "nor is there a record";
  ASSERT_EQ(refusal(write_record(file(), {"a", {"a", "a"}, true, {}, {}})), "");
  EXPECT_TRUE(is_alone(file()));
  std::ofstream(file().string() + ".new") << "half";
  EXPECT_TRUE(is_alone(file()));
  std::ofstream(file().parent_path() / "a.db") << "rows";
  EXPECT_FALSE(is_alone(file()));
}

TEST_F(PatternRecords, AreNotWrittenAgainWhenTheySayTheSame) {
  const PatternRecord record{"online", {"online", "online"}, false, {}, {}};
  ASSERT_EQ(refusal(write_record(file(), record)), "");
  fs::path in_the_way = file();
  in_the_way += ".new";
  fs::create_directories(in_the_way);
  EXPECT_EQ(refusal(write_record(file(), record)), "") << "as at the next start on a full disk";
  write_text(sealed(text() + "added yes\n"));
  EXPECT_NE(refusal(write_record(file(), record)), "") << "that is not the same";
}

}  // namespace
}  // namespace patchbay::patterns
