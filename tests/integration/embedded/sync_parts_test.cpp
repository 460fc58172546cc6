// The pure parts of the sync service, without a database.
#include <gtest/gtest.h>

#include "database/pg_connection.hpp"
#include "embedded/sync/database_state.hpp"
#include "embedded/sync/pgoutput.hpp"
#include "embedded/sync/shape_answers.hpp"
#include "embedded/sync/shape_messages.hpp"
#include "embedded/sync/shape_request.hpp"
#include "embedded/sync/shape_store.hpp"
#include "embedded/sync/snapshot_visibility.hpp"
#include "embedded/sync/sync_connection.hpp"
#include "embedded/sync/transaction.hpp"
#include "embedded/sync/unreadable_tables.hpp"

namespace patchbay::embedded {
namespace {

/// Bytes of a message, written down as PostgreSQL sends them.
class Bytes {
 public:
  Bytes& letter(char value) {
    text_ += value;
    return *this;
  }
  Bytes& number(std::uint64_t value, int size) {
    for (int shift = size * 8 - 8; shift >= 0; shift -= 8) {
      text_ += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
    }
    return *this;
  }
  Bytes& text(const std::string& value) {
    text_ += value;
    return letter('\0');
  }
  Bytes& cell(const std::string& value) {
    letter('t').number(value.size(), 4);
    text_ += value;
    return *this;
  }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  std::string text_;
};

TableDefinition items_table() {
  TableDefinition table;
  table.id = 42;
  table.name = {"public", "items"};
  table.columns = {{"id", 23, -1, "int4", true, 0, 0}, {"title", 25, -1, "text", false, 0, -1}};
  table.key = {0};
  return table;
}

std::shared_ptr<const Relation> items_relation() {
  return std::make_shared<const Relation>(
      Relation{42, "public", "items", 'f', {{"id", 23, -1}, {"title", 25, -1}}});
}

Cell cell(const std::string& text) {
  return {Cell::Kind::text, text};
}

TransactionPtr insert_of(std::uint64_t lsn, std::uint32_t txid, const std::string& id) {
  auto transaction = std::make_shared<Transaction>();
  transaction->lsn = lsn;
  transaction->txid = txid;
  transaction->changes.push_back(
      {items_relation(), {RowOperation::insert, 42, std::nullopt, false, {cell(id), cell("t")}}});
  return transaction;
}

LoadedSnapshot empty_snapshot(const SnapshotVisibility& visibility, std::uint64_t lsn_after) {
  return {{visibility.snapshot_end_message()}, visibility, lsn_after, "state"};
}

std::string completed(ShapeStore& store, const std::string& handle, LoadedSnapshot snapshot) {
  const auto completed = store.complete(handle, std::move(snapshot));
  if (completed.too_early) return "too early";
  return completed.end ? std::string(to_string(*completed.end)) : "ready";
}

constexpr ShapeLimits kLimits{1'000'000, 1'000'000};
constexpr ShapeOffset kAfterSnapshot{ShapeOffset::Kind::snapshot, 0, ShapeOffset::kWholeSnapshot};

TEST(OneLine, KeepsWhatWasSaidAndDropsWhatLibpqGuesses) {
  EXPECT_EQ(one_line("connection to server at \"::1\", port 1 failed: Connection refused\n\tIs the "
                     "server running on that host?\nconnection to server at \"127.0.0.1\", port 1 "
                     "failed: Connection refused\n\tIs the server running on that host?\n"),
            "connection to server at \"::1\", port 1 failed: Connection refused; connection to "
            "server at \"127.0.0.1\", port 1 failed: Connection refused");
  EXPECT_EQ(one_line("FATAL:  the database system is starting up.\n"),
            "FATAL: the database system is starting up");
  EXPECT_EQ(one_line(""), "");
  const auto opened = open_connection("postgresql://a@127.0.0.1:1/b", ConnectionPurpose::queries);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message.find_first_of("\n\t"), std::string::npos);
  EXPECT_TRUE(opened.error().message.ends_with("refused.")) << opened.error().message;
}

TEST(Pgoutput, ReadsBeginAndCommit) {
  const auto begin =
      decode_pgoutput(Bytes().letter('B').number(99, 8).number(0, 8).number(7, 4).str());
  ASSERT_TRUE(begin);
  EXPECT_EQ(std::get<Begin>(*begin).commit_lsn, 99U);
  EXPECT_EQ(std::get<Begin>(*begin).txid, 7U);
  const auto commit = decode_pgoutput(
      Bytes().letter('C').number(0, 1).number(99, 8).number(150, 8).number(0, 8).str());
  EXPECT_EQ(std::get<Commit>(*commit).end_lsn, 150U);
}

TEST(Pgoutput, ReadsAnUpdateWithItsOldRow) {
  const auto update = decode_pgoutput(Bytes()
                                          .letter('U')
                                          .number(42, 4)
                                          .letter('O')
                                          .number(2, 2)
                                          .cell("1")
                                          .letter('n')
                                          .letter('N')
                                          .number(2, 2)
                                          .cell("1")
                                          .letter('u')
                                          .str());
  ASSERT_TRUE(update);
  const auto& row = std::get<RowMessage>(*update);
  EXPECT_EQ(row.operation, RowOperation::update);
  EXPECT_FALSE(row.old_is_key_only);
  EXPECT_EQ(*row.old_row, (Tuple{cell("1"), {Cell::Kind::null, ""}}));
  EXPECT_EQ(row.new_row, (Tuple{cell("1"), {Cell::Kind::unchanged, ""}}));
}

TEST(Pgoutput, RefusesEveryMessageCutShort) {
  const std::string relation = Bytes()
                                   .letter('R')
                                   .number(42, 4)
                                   .text("public")
                                   .text("items")
                                   .letter('f')
                                   .number(1, 2)
                                   .number(1, 1)
                                   .text("id")
                                   .number(23, 4)
                                   .number(0xFFFFFFFF, 4)
                                   .str();
  const auto whole = decode_pgoutput(relation);
  ASSERT_TRUE(whole);
  EXPECT_EQ(std::get<Relation>(*whole).columns[0], (RelationColumn{"id", 23, -1}));
  for (std::size_t size = 1; size < relation.size(); ++size) {
    EXPECT_FALSE(decode_pgoutput(std::string_view(relation).substr(0, size))) << size;
  }
}

TEST(Pgoutput, WritesAndReadsLsns) {
  std::uint64_t lsn = 0;
  ASSERT_TRUE(parse_lsn("1/6B3740", lsn));
  EXPECT_EQ(lsn, 0x1006B3740U);
  EXPECT_EQ(format_lsn(lsn), "1/6B3740");
  for (const char* wrong : {"", "/", "1/", "1", "g/1", "1/2x"}) EXPECT_FALSE(parse_lsn(wrong, lsn));
}

TEST(TransactionAssembler, LeavesOutTheChangesOfATransactionTooLarge) {
  TransactionAssembler assembler(500);
  ASSERT_TRUE(assembler.add(*items_relation()));
  ASSERT_TRUE(assembler.add(Begin{5, 1}));
  EXPECT_TRUE(assembler.in_transaction());
  for (int row = 0; row < 10; ++row) {
    ASSERT_TRUE(assembler.add(RowMessage{
        RowOperation::insert, 42, std::nullopt, false, {cell(std::string(100, 'x')), cell("t")}}));
  }
  const auto transaction = assembler.add(Commit{5, 9});
  ASSERT_TRUE(transaction && *transaction);
  EXPECT_TRUE((*transaction)->changes.empty());
  EXPECT_EQ((*transaction)->unfollowed, std::vector<std::uint32_t>{42});
  EXPECT_FALSE(assembler.in_transaction());
}

TEST(TransactionAssembler, LeavesOutATableOfWhichARowIsNotText) {
  struct Case {
    TextCheck check;
    const char* text;
    bool readable;
  };
  const Case cases[] = {
      {TextCheck::utf8, "plain", true},         {TextCheck::utf8, "\xC3\xA9", true},
      {TextCheck::utf8, "\xE9", false},         {TextCheck::utf8, "\xC3", false},
      {TextCheck::utf8, "\xED\xA0\x80", false}, {TextCheck::ascii, "plain", true},
      {TextCheck::ascii, "\xC3\xA9", false}};
  for (const Case& one : cases) {
    for (const bool in_old_row : {false, true}) {
      TransactionAssembler assembler(5'000, one.check);
      ASSERT_TRUE(assembler.add(*items_relation()));
      ASSERT_TRUE(assembler.add(Begin{5, 1}));
      RowMessage row{
          RowOperation::update, 42, Tuple{cell("1"), cell("t")}, false, {cell("1"), cell("t")}};
      (in_old_row ? *row.old_row : row.new_row)[1] = cell(one.text);
      ASSERT_TRUE(assembler.add(std::move(row)));
      const auto transaction = assembler.add(Commit{5, 9});
      ASSERT_TRUE(transaction && *transaction);
      EXPECT_EQ((*transaction)->unfollowed.empty(), one.readable) << one.text;
    }
  }
}

TEST(Pgoutput, TellsTheTableOfARowThatCannotBeRead) {
  const std::string cut = Bytes().letter('I').number(42, 4).letter('N').number(9, 2).str();
  EXPECT_FALSE(decode_pgoutput(cut));
  EXPECT_EQ(table_of_row(cut), 42U);
  EXPECT_EQ(table_of_row(cut.substr(0, 3)), std::nullopt);
  EXPECT_EQ(table_of_row(Bytes().letter('C').number(0, 8).str()), std::nullopt);
}

TEST(TransactionAssembler, RefusesARowOfATableNeverDescribed) {
  TransactionAssembler assembler(500);
  ASSERT_TRUE(assembler.add(Begin{5, 1}));
  EXPECT_EQ(
      assembler.add(RowMessage{RowOperation::insert, 42, std::nullopt, false, {}}).error().code,
      ErrorCode::corrupt);
}

TEST(SnapshotVisibility, SeesWhatHadEndedAndNothingElse) {
  const auto snapshot = parse_snapshot("100:110:103,107");
  ASSERT_TRUE(snapshot);
  const std::map<std::uint32_t, bool> expected = {{99, true},   {100, true},  {103, false},
                                                  {104, true},  {107, false}, {109, true},
                                                  {110, false}, {200, false}};
  for (const auto& [txid, seen] : expected) EXPECT_EQ(snapshot->sees(txid), seen) << txid;
}

TEST(SnapshotVisibility, ComparesAcrossTheEndOf32Bits) {
  // xmax is just past a turn of the 32-bit ids.
  const auto snapshot = parse_snapshot("4294967290:4294967300:4294967297");
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE(snapshot->sees(4'294'967'289U));
  EXPECT_TRUE(snapshot->sees(4'294'967'295U));
  EXPECT_TRUE(snapshot->sees(0U));
  EXPECT_FALSE(snapshot->sees(1U));
  EXPECT_TRUE(snapshot->sees(3U));
  EXPECT_FALSE(snapshot->sees(4U));
}

TEST(SnapshotVisibility, RefusesWhatIsNotASnapshot) {
  for (const char* text : {"", "1", "1:", "a:b:", "1:2:x"})
    EXPECT_FALSE(parse_snapshot(text)) << text;
  EXPECT_TRUE(parse_snapshot("1:2:"));
}

TEST(ShapeStore, AddsATransactionOnceWhetherTheSnapshotHasItOrNot) {
  ShapeStore store(kLimits);
  const ShapeKey key{{"public", "items"}, Replica::only_changes};
  const std::string handle = store.add(key, items_table(), 1).handle();
  EXPECT_TRUE(store.apply(insert_of(10, 105, "1")).ended.empty());  // in the snapshot
  EXPECT_TRUE(store.apply(insert_of(20, 103, "2")).ended.empty());  // open then
  SnapshotVisibility visibility{100, 110, {103}};
  EXPECT_EQ(completed(store, handle, empty_snapshot(visibility, 50)), "ready");
  EXPECT_TRUE(
      store.apply(insert_of(30, 106, "3")).ended.empty());  // in the snapshot, streamed late
  EXPECT_TRUE(store.apply(insert_of(60, 105, "4")).ended.empty());  // the id is used a second time
  EXPECT_TRUE(store.apply(insert_of(60, 111, "5")).ended.empty());  // repeated after a reconnect
  const auto page = store.find(key)->read(handle, kAfterSnapshot);
  EXPECT_EQ(page.reached.text(), "60_0");
  EXPECT_TRUE(page.at_end);
  std::string ids;
  for (const char* id : {"1", "2", "3", "4", "5"}) {
    if (page.messages.find(std::string("\"id\":\"") + id) != std::string::npos) ids += id;
  }
  EXPECT_EQ(ids, "24");
  EXPECT_EQ(store.last_lsn(), 60U);
}

TEST(ShapeStore, LoadsAgainWhenTheSnapshotLacksWhatTheStreamHadPassed) {
  ShapeStore store(kLimits);
  EXPECT_TRUE(store.apply(insert_of(10, 105, "1")).ended.empty());
  const ShapeKey key{{"public", "items"}, Replica::only_changes};
  const std::string handle = store.add(key, items_table(), 1).handle();
  EXPECT_EQ(completed(store, handle, empty_snapshot({100, 110, {105}}, 50)), "too early");
  EXPECT_EQ(completed(store, handle, empty_snapshot({110, 110, {}}, 60)), "ready");
}

TEST(ShapeStore, EndsAShapeWhoseTableChanged) {
  const ShapeKey key{{"public", "items"}, Replica::only_changes};
  const auto over = [&key](const TransactionPtr& transaction) {
    ShapeStore store(kLimits);
    const std::string handle = store.add(key, items_table(), 1).handle();
    EXPECT_EQ(completed(store, handle, empty_snapshot({1, 1, {}}, 1)), "ready");
    const bool ended = !store.apply(transaction).ended.empty();
    EXPECT_EQ(store.find(key) == nullptr, ended);
    return ended;
  };
  EXPECT_FALSE(over(insert_of(10, 5, "1")));
  auto truncate = std::make_shared<Transaction>();
  truncate->lsn = 10;
  truncate->unfollowed = {42};
  EXPECT_TRUE(over(truncate));
  auto altered = std::make_shared<Transaction>(*insert_of(10, 5, "1"));
  Relation relation = *items_relation();
  relation.columns[1].type = 1043;
  altered->changes[0].relation = std::make_shared<const Relation>(relation);
  EXPECT_TRUE(over(altered));
  auto without_old = std::make_shared<Transaction>(*insert_of(10, 5, "1"));
  without_old->changes[0].row.operation = RowOperation::update;
  EXPECT_TRUE(over(without_old));
}

TEST(ShapeStore, GivesEveryShapeAHandleOfItsOwn) {
  ShapeStore store(kLimits);
  const ShapeKey key{{"public", "items"}, Replica::only_changes};
  const std::string first = store.add(key, items_table(), 1).handle();
  store.remove(first);
  EXPECT_NE(store.add(key, items_table(), 1).handle(), first);
}

TEST(ShapeStore, DoesNotMistakeTheFirstCommitAfterTheStartForAnOldOne) {
  ShapeStore store(kLimits);
  store.start_at(100, false);
  EXPECT_EQ(store.last_lsn(), 99U);
  EXPECT_TRUE(store.apply(insert_of(100, 5, "1")).ended.empty());
  EXPECT_EQ(store.last_lsn(), 100U);
}

TEST(MessageEncoder, SaysNothingOfAnUpdateThatChangesNothing) {
  const MessageEncoder encoder(items_table(), Replica::only_changes);
  std::vector<OpenMessage> messages;
  const Tuple row = {cell("1"), cell("t")};
  EXPECT_TRUE(encoder.encode({RowOperation::update, 42, row, false, row}, messages));
  EXPECT_TRUE(encoder.encode(
      {RowOperation::update, 42, row, false, {cell("1"), {Cell::Kind::unchanged, ""}}}, messages));
  EXPECT_TRUE(messages.empty());
}

TEST(ShapeRequest, ReadsTableNames) {
  const auto text = [](std::string_view table) {
    const auto name = parse_table(table);
    return name ? name->sql() : "refused";
  };
  EXPECT_EQ(text("items"), R"("public"."items")");
  EXPECT_EQ(text("Shop.Items"), R"("shop"."items")");
  EXPECT_EQ(text(R"("Shop"."It""e.ms")"), R"("Shop"."It""e.ms")");
  EXPECT_EQ(text(R"(shop."x y")"), R"("shop"."x y")");
  for (const char* wrong : {"", ".", "a.", ".a", "a.b.c", "a b", "\"a", "\"\"", "\"a\"b", "a;b"}) {
    EXPECT_EQ(text(wrong), "refused") << wrong;
  }
}

TEST(ShapeRequest, ReadsOffsets) {
  for (const char* text : {"-1", "now", "0_0", "0_7", "0_inf", "26657232_0", "26657232_14"}) {
    const auto offset = parse_offset(text);
    ASSERT_TRUE(offset) << text;
    EXPECT_EQ(offset->text(), text);
  }
  for (const char* wrong :
       {"", "-2", "1", "a_b", "1_", "_1", "1_2_3", "1_-1", "99999999999999999999_0"}) {
    EXPECT_FALSE(parse_offset(wrong)) << wrong;
  }
}

TEST(ShapeAnswers, NeverGiveTheCursorTheClientSent) {
  AnswerMoment moment;
  moment.now = std::chrono::system_clock::time_point(std::chrono::seconds(1'795'356'053));
  EXPECT_EQ(next_cursor(moment, std::nullopt), 66'924'060);
  for (moment.serial = 0; moment.serial < 50; ++moment.serial) {
    EXPECT_GT(next_cursor(moment, 66'924'060), 66'924'060);
  }
  EXPECT_EQ(next_cursor(moment, 1), 66'924'060);
}

TEST(DatabaseState, SaysActiveWhileConnected) {
  DatabaseState state;
  EXPECT_EQ(to_string(state.health()), "starting");
  state.trouble = StreamTrouble::waiting;
  EXPECT_EQ(to_string(state.health()), "waiting");
  state.connected = true;
  EXPECT_EQ(to_string(state.health()), "active");
}

TEST(UnreadableTables, AreTroubleAsLongAsSomebodyAsks) {
  using std::chrono::seconds;
  UnreadableTables unreadable;
  const ShapeKey followed{{"public", "items"}};
  const ShapeKey left{{"public", "items"}, Replica::full};
  Clock::TimePoint now{};
  EXPECT_TRUE(unreadable.note(left, "why", now).is_new);
  for (int round = 0; round < 20; ++round) {
    const auto noted = unreadable.note(followed, "why", now);
    EXPECT_EQ(noted.is_new, round == 0);
    EXPECT_LE(noted.delay, seconds(30));
    EXPECT_EQ(unreadable.pause(followed, now)->left, noted.delay);
    now += noted.delay + seconds(32);
    EXPECT_FALSE(unreadable.pause(followed, now)) << "is to be read again";
    EXPECT_EQ(unreadable.reasons(now).size(), now < Clock::TimePoint{} + seconds(91) ? 2U : 1U);
  }
  EXPECT_TRUE(unreadable.forget(followed));
  EXPECT_TRUE(unreadable.reasons(now).empty());
  EXPECT_FALSE(unreadable.forget(left));
}

}  // namespace
}  // namespace patchbay::embedded
