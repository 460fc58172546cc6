// The reader and the events of the view: marks of rows, and rows told again without a reason of the
// pattern's.
#include "runtime/view_reader.hpp"

#include "core/write_parts.hpp"

namespace patchbay::test {
namespace {

class ViewReaderTest : public WriteParts {
 protected:
  ViewReaderTest() {
    slot_.host->learn(items_schema());
    pattern_->at_read = [this](const Query& query, RowSink& sink) -> Result<void> {
      for (const RowRef& row : rows_) {
        const bool asked = !query.key || query.key->cell(0).text == row->cell(0).text;
        if (asked && !sink.row(row)) break;
      }
      return {};
    };
  }
  [[nodiscard]] std::string view(const std::string& table = "items") {
    const auto rows = reader_.read({table, {}, {}, {}, {}, {}});
    if (!rows) return std::string(to_string(rows.error().code)) + ": " + rows.error().message;
    std::string text;
    for (const ViewRow& row : *rows) text += print(*row.row) + (row.pending ? "* " : " ");
    return text;
  }

  std::vector<RowRef> rows_{item("1", "milk"), item("2", "eggs")};
  ViewReader reader_{slot_, loop_, book_, view_};
};

TEST_F(ViewReaderTest, MarksRowsOfUnfinishedWrites) {
  add(2);
  EXPECT_EQ(view(), "1:milk 2:eggs* ");
  book_.confirm(write_id(2));
  EXPECT_EQ(view(), "1:milk 2:eggs ");
}

TEST_F(ViewReaderTest, SaysWhyItCannotRead) {
  EXPECT_EQ(view("other"),
            "rejected: The table \"other\" is not among the tables of the pattern \"test\".");
  slot_.host->forget_start();
  EXPECT_EQ(view(),
            "retry: The stream of the table \"items\" has not been up to date yet; try again.");
  loop_.fail("Broken.");
  EXPECT_EQ(view(), "retry: The pattern \"test\" is not running: Broken.");
}

TEST_F(ViewReaderTest, FailsThePatternWhoseReadSaysCorrupt) {
  pattern_->at_read = [](const Query&, RowSink&) -> Result<void> {
    return failure(ErrorCode::corrupt, "Damaged.");
  };
  EXPECT_EQ(view(), "corrupt: Damaged.");
  EXPECT_TRUE(loop_.has_failed());
}

TEST_F(ViewReaderTest, TellsTouchedRowsOnceWithTheirMarkOfNow) {
  book_.touch(add(1));
  book_.touch(add(7));
  reader_.announce_touched();
  EXPECT_EQ(events_.take(), "row 1:milk*") << "the view does not have the row 7";
  reader_.announce_touched();
  EXPECT_EQ(events_.take(), "");
}

TEST_F(ViewReaderTest, DoesNotTellARowAgainThatThePatternHasTold) {
  book_.touch(add(1));
  book_.touch(add(2));
  view_.row_changed(item("1", "milk"), book_.ledger());
  view_.row_gone(item("2", "eggs"));
  static_cast<void>(events_.take());
  reader_.announce_touched();
  EXPECT_EQ(events_.take(), "");
}

TEST_F(ViewReaderTest, TellsBothRowsOfAWriteThatMovesOne) {
  LedgerEntry& moving = book_.ledger().add(
      {write_id(1), 0, {{OperationKind::update, item_key("1"), item("2", "moved")}}});
  book_.touch(moving);
  reader_.announce_touched();
  const std::string told = events_.take();
  EXPECT_NE(told.find("row 1:milk*"), std::string::npos) << told;
  EXPECT_NE(told.find("row 2:eggs*"), std::string::npos) << told;
}

TEST_F(ViewReaderTest, TellsNoRowsOfAPatternThatDoesNotRun) {
  book_.touch(add(1));
  loop_.stop("The end.");
  reader_.announce_touched();
  EXPECT_EQ(events_.take(), "");
  EXPECT_EQ(pattern_->reads, 0);
}

}  // namespace
}  // namespace patchbay::test
