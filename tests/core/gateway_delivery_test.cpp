// Which requests the write gateway makes of one send, and what it takes from their answers.
#include <gtest/gtest.h>

#include "core/gateway_texts.hpp"
#include "write/delivery.hpp"
#include "write/tuning.hpp"

namespace patchbay::test {
namespace {

using Verdicts = std::vector<std::string>;

BackendAnswer read_text(int status, std::string body) {
  return read_answer(net::HttpResponse{status, {}, std::move(body)});
}

/// "POST /changes 1 2", with the numbers of the writes in the body.
std::string print_next(Delivery& delivery) {
  const auto call = delivery.next();
  if (!call) return "none";
  std::string line = call->method + " " + call->path;
  const std::string start = R"("id":"0000)";
  for (auto at = call->body.find(start); at != std::string::npos;
       at = call->body.find(start, at + 1)) {
    line += " " + call->body.substr(at + 41, 1);
  }
  return line;
}

TEST(Delivery, SendsALoneOperationByItsRoute) {
  Delivery delivery(inserts(1));
  EXPECT_EQ(print_next(delivery), "POST /items");
  delivery.take(read_text(200, R"({"txid":"7","lsn":"9","system":"s"})"));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_EQ(print(delivery.take_verdicts()), Verdicts{"ok 7 9 s"});
}

TEST(Delivery, SendsALoneWriteOfTwoOperationsByChanges) {
  Delivery delivery({outgoing(1, {insert_of("a"), insert_of("b")})});
  EXPECT_EQ(print_next(delivery), "POST /changes 1");
  delivery.take(read_text(200, outcomes({applied(1)})));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_EQ(print(delivery.take_verdicts()), Verdicts{"ok 1 9 s"});
}

TEST(Delivery, SendsALoneWriteThatIsTooLargeForItsRouteByChanges) {
  const Cells large{{"title", std::string(tuning::kRestBytesMax, 'x')}};
  Delivery delivery({outgoing(1, {insert_of("a", large)})});
  EXPECT_EQ(print_next(delivery), "POST /changes 1");
}

TEST(Delivery, HalvesARequestRefusedWhole) {
  Delivery delivery(inserts(5));
  EXPECT_EQ(print_next(delivery), "POST /changes 1 2 3 4 5");
  delivery.take(read_text(413, "{" + kErrors + "}"));
  EXPECT_EQ(print_next(delivery), "POST /changes 1 2");
  delivery.take(read_text(200, outcomes({applied(1), applied(2)})));
  EXPECT_EQ(print_next(delivery), "POST /changes 3 4");
  delivery.take(read_text(413, "{" + kErrors + "}"));
  EXPECT_EQ(print_next(delivery), "POST /changes 3");
  delivery.take(read_text(200, outcomes({applied(3)})));
  EXPECT_EQ(print_next(delivery), "POST /changes 4");
  delivery.take(read_text(422, refusal(4)));
  EXPECT_EQ(print_next(delivery), "POST /changes 5");
  delivery.take(read_text(200, outcomes({applied(5)})));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_EQ(print(delivery.take_verdicts()),
            (Verdicts{"ok 1 9 s", "ok 2 9 s", "ok 3 9 s", "no 422 No.|23505|c|x", "ok 5 9 s"}));
}

TEST(Delivery, EndsHalvingAtOneWriteThatIsNotNamed) {
  Delivery delivery(inserts(2));
  EXPECT_EQ(print_next(delivery), "POST /changes 1 2");
  delivery.take(read_text(400, "{" + kErrors + "}"));
  EXPECT_EQ(print_next(delivery), "POST /changes 1");
  delivery.take(read_text(400, "{" + kErrors + "}"));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_EQ(print(delivery.take_verdicts()), (Verdicts{"? answered", "? never_sent answered"}));
}

TEST(Delivery, SendsNothingBehindAWriteWithoutOutcome) {
  Delivery delivery(inserts(4));
  EXPECT_EQ(print_next(delivery), "POST /changes 1 2 3 4");
  delivery.take(read_text(400, "{" + kErrors + "}"));
  EXPECT_EQ(print_next(delivery), "POST /changes 1 2");
  delivery.take(read_text(503, ""));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_EQ(
      print(delivery.take_verdicts()),
      (Verdicts{"? answered", "? answered", "? never_sent answered", "? never_sent answered"}))
      << "the first two were in the request, the others were not";
}

TEST(Delivery, ContinuesBehindAWriteThatIsRefusedForNow) {
  std::vector<OutgoingWrite> writes = inserts(3);
  for (OutgoingWrite& one : writes) one.provisional = true;
  Delivery delivery(std::move(writes));
  EXPECT_EQ(print_next(delivery), "POST /changes 1 2 3");
  const std::string refused = R"("provisional":true,"status":409,)" + kErrors;
  delivery.take(read_text(409, outcomes({applied(1), element(2, refused), applied(3)})));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_EQ(print(delivery.take_verdicts()), (Verdicts{"ok 1 9 s", "not now No.", "ok 3 9 s"}));
}

TEST(Delivery, RefusesATextThatIsNotUtf8AndSendsTheRest) {
  Delivery delivery({outgoing(1, {insert_of("a")}),
                     outgoing(2, {insert_of("b", {{"title", "caf\xE9"}})}),
                     outgoing(3, {insert_of("c")})});
  EXPECT_EQ(print_next(delivery), "POST /changes 1");
  delivery.take(read_text(200, outcomes({applied(1)})));
  EXPECT_EQ(print_next(delivery), "POST /changes 3");
  delivery.take(read_text(200, outcomes({applied(3)})));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_TRUE(print(delivery.take_verdicts()).at(1).starts_with("no 400 A text of the write is"));
}

TEST(Delivery, RefusesALoneWriteThatIsNotUtf8InBodyOrPath) {
  for (const Operation& operation :
       {insert_of("a", {{"title", "caf\xE9"}}), update_of("caf\xE9", {{"title", "x"}}),
        remove_of("caf\xE9")}) {
    Delivery delivery({outgoing(1, {operation})});
    EXPECT_EQ(print_next(delivery), "none");
    EXPECT_TRUE(print(delivery.take_verdicts()).at(0).starts_with("no 400 A text of the write"));
  }
  Delivery readable({outgoing(1, {remove_of("caf\xC3\xA9")})});
  EXPECT_EQ(print_next(readable), "DELETE /items/caf%C3%A9?write_id=" + id_of(1).text());
}

TEST(Delivery, RefusesAWriteThatNoRequestCanCarry) {
  const Cells huge{{"title", std::string(tuning::kChangesBytesMax, 'x')}};
  Delivery delivery({outgoing(1, {insert_of("a", huge)}), outgoing(2, {insert_of("b")})});
  EXPECT_EQ(print_next(delivery), "POST /changes 2");
  delivery.take(read_text(200, outcomes({applied(2)})));
  EXPECT_EQ(print_next(delivery), "none");
  EXPECT_TRUE(print(delivery.take_verdicts()).at(0).starts_with("no 413 The write is 8"));
}

TEST(Delivery, BoundsTheBytesOfARequest) {
  const Cells large{{"title", std::string(tuning::kChangesBytesMax / 2, 'x')}};
  Delivery delivery({outgoing(1, {insert_of("a", large)}), outgoing(2, {insert_of("b", large)})});
  EXPECT_EQ(print_next(delivery), "POST /changes 1");
  delivery.take(read_text(200, outcomes({applied(1)})));
  EXPECT_EQ(print_next(delivery), "POST /changes 2");
}

}  // namespace
}  // namespace patchbay::test
