// The record of which module has the writes: what is written is read again, and nothing else is
// believed.
#include "app/pattern_record.hpp"

#include <gtest/gtest.h>

#include <iterator>

#include "plugins/plugin_directory.hpp"

namespace patchbay::app {
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
    std::ifstream in(file(instance));
    return {std::istreambuf_iterator<char>(in), {}};
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

  test::PluginDirectory directory_;
};

TEST_F(PatternRecords, AreInTheDirectoryOfTheirPattern) {
  EXPECT_EQ(record_file("/data", "notes"), "/data/patterns/notes/module");
}

TEST_F(PatternRecords, ComeBackAsTheyWere) {
  EXPECT_EQ(written_twice({"online", {"/a path/x.so", "optimistic"}, false, {}, {}}),
            "patchbay 1\nconfigured online\nmodule /a path/x.so\nid optimistic\ndurable no\n");
  EXPECT_EQ(
      written_twice(
          {"immutable", {"online", "online"}, false, NamedModule{"/b/im.so", "immutable"}, {}}),
      "patchbay 1\nconfigured immutable\nmodule online\nid online\ndurable no\n"
      "keeper /b/im.so\nkeeper-id immutable\n");
}

TEST_F(PatternRecords, CarryAnAddedPatternWhole) {
  PatternRecord record{"through-db", {"through-db", "through-db"}, true, {}, {}};
  record.added = PatternConfig{
      "notes", "through-db", {"todos", "work.items"}, {{"empty", ""}, {"where", "a = b"}}, true};
  EXPECT_EQ(written_twice(record),
            "patchbay 1\nconfigured through-db\nmodule through-db\nid through-db\ndurable yes\n"
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
    if (kept) record.keeper = NamedModule{"keeper", "keeper"};
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

TEST_F(PatternRecords, AreRefusedWhenTheyAreNotUnderstood) {
  const auto refused = [this](const std::string& contents) {
    write_text(contents);
    const auto read = read_record(file());
    EXPECT_EQ(read.error().code, ErrorCode::rejected);
    return refusal(read);
  };
  const auto says = [this](const std::string& why) {
    return "The record " + file().string() + " " + why +
           "; it says which module has the writes of this pattern. Mend it, or remove it to start "
           "with the configured module.";
  };
  const std::string whole = "patchbay 1\nconfigured a\nmodule a\nid a\ndurable yes\n";
  EXPECT_EQ(refused(""), says("cannot be read"));
  EXPECT_EQ(refused("patchbay 2\nmodule a\nid a\n"), says("is of another version"));
  EXPECT_EQ(refused("SQLite format 3\n"), says("is of another version"));
  EXPECT_EQ(refused("patchbay 1\n"), says("names no module"));
  EXPECT_EQ(refused("patchbay 1\nmodule a\n"), says("names no module"));
  EXPECT_EQ(refused(whole + "owner b\n"), says("has a line that means nothing: \"owner b\""));
  EXPECT_EQ(refused(whole + "\n"), says("has a line that means nothing: \"\""));
  EXPECT_EQ(refused(whole.substr(0, whole.find("ed a"))),
            says("has a line that means nothing: \"configur\""))
      << "cut off in the middle";
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
  EXPECT_NE(refusal(added_patterns(directory())).find("is of another version"), std::string::npos);
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
  write_text(text() + "added yes\n");
  EXPECT_NE(refusal(write_record(file(), record)), "") << "that is not the same";
}

}  // namespace
}  // namespace patchbay::app
