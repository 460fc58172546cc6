// Sessions recorded with a real Electric server, repeated against the embedded service.
#include "recording_replay.hpp"

namespace patchbay::test {
namespace {

class SyncRecording : public SyncTest, public testing::WithParamInterface<const char*> {};

TEST_P(SyncRecording, IsAnsweredTheSame) {
  options_.allowed_origins = {"*"};  // as a real Electric answers pages
  start();
  RecordingReplay replay(GetParam(), *client_, sql_);
  const auto exchanges = replay.run([this] { settle(); });
  ASSERT_FALSE(exchanges.empty());
  for (const auto& exchange : exchanges) {
    EXPECT_EQ(exchange.ours, exchange.recorded) << exchange.request;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Session, SyncRecording,
    testing::Values("01-snapshot-empty-table", "02-snapshot-3-rows",
                    "03-live-longpoll-insert-update-delete", "04-live-longpoll-timeout-up-to-date",
                    "05-transaction-multi-op", "07-replica-default-update-delete",
                    "07-replica-full-update-delete", "11-must-refetch-409-unknown-handle",
                    "12-errors-400-404", "13-column-types", "14-primary-key-update-replica-default",
                    "14-primary-key-update-replica-full", "15-truncate", "16-health",
                    "17-delete-shape", "18-cache-headers-etag", "20-offset-now",
                    "24-toast-unchanged-large-value", "25-cursor-semantics", "33-http-details"),
    [](const auto& session) {
      std::string name = session.param;
      for (char& letter : name) {
        if (letter == '-') letter = '_';
      }
      return name;
    });

}  // namespace
}  // namespace patchbay::test
