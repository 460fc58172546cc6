// The storm: programs that write a durable pattern's file by SQL, with marks and without, and an
// app that calls the local API, some of whose writes PostgreSQL refuses, while other sessions lock
// tables, a proxy answers in the backend's place, backend and host are killed and modules change.
// At its end each accepted write was applied once and in order, or refused for a reason of its own.
// PATCHBAY_SEED=<n>: another storm. PATCHBAY_LONG=1: several, and longer ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <random>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "stop_point.hpp"
#include "storm/api_writer.hpp"
#include "storm/faulty_proxy.hpp"
#include "storm/sql_writer.hpp"
#include "storm/storm_account.hpp"
#include "support/eventually.hpp"
#include "support/seeded.hpp"

namespace patchbay::test {
namespace {

constexpr std::chrono::seconds kBurstWait{60};
constexpr std::chrono::seconds kEndWait{120};
constexpr int kSqlWriters = 3;
constexpr int kTransactionsOfABurst = 4;

std::vector<std::uint64_t> seeds() {
  if (!is_long() || std::getenv("PATCHBAY_SEED") != nullptr) return {seed()};
  return {1, 2, 3, 4, 5, 6, 7, 8};
}

class Storm : public testing::TestWithParam<std::uint64_t> {
 protected:
  Storm() {
    for (std::int64_t id = 1; id <= kStormSharedRows; ++id) account_.has_row("items", id);
    EXPECT_TRUE(start_host()) << host_->errors();
    for (std::int64_t number = 1; number <= kSqlWriters; ++number) {
      sql_writers_.push_back(std::make_unique<SqlWriter>(StormRows(number, GetParam(), stamps_),
                                                         account_, [this] { return file(); }));
    }
    api_writer_ = std::make_unique<ApiWriter>(StormRows(kSqlWriters + 1, GetParam(), stamps_),
                                              account_, [this] { return page(); });
  }

  [[nodiscard]] std::string directory() const { return deployment_ / "host"; }
  [[nodiscard]] StormFile file() const {
    const std::lock_guard lock(mutex_);
    return {directory() + "/patterns/notes/" + module_ + ".db", swaps_};
  }
  [[nodiscard]] std::string page() const {
    const std::lock_guard lock(mutex_);
    return page_;
  }
  /// False when the host ends before it can be asked.
  bool start_host(const HostProcess::Environment& environment = {}) {
    host_ = deployment_.start_host(directory(), {"notes=through-db"}, environment, proxy_.url());
    try {
      const std::string place = host_->place("page");
      LocalApi api(place);
      const auto is_ready = [&] {
        return api.get("/api/patterns/notes/rows/items").status == 200 || has_ended();
      };
      EXPECT_TRUE(eventually(is_ready, kBurstWait)) << host_->errors();
      const std::lock_guard lock(mutex_);
      page_ = place;
    } catch (const std::runtime_error&) {  // it said no place
    }
    return !has_ended();
  }
  [[nodiscard]] bool has_ended() { return host_->exit_code(std::chrono::milliseconds(0)) != -1; }
  void kill_host() {
    host_->kill();
    const std::lock_guard lock(mutex_);
    page_.clear();
  }

  void begin_burst() {
    for (const auto& writer : sql_writers_) writer->write(kTransactionsOfABurst);
    api_writer_->write(1);
  }
  void end_burst() {
    for (const auto& writer : sql_writers_) {
      EXPECT_TRUE(eventually([&] { return writer->is_done(); }, kBurstWait)) << writer->failure();
    }
  }
  void burst() {
    begin_burst();
    end_burst();
  }

  // What happens in a storm.
  void lock_a_table() {
    SqlSession other(deployment_.database());
    other.run("BEGIN; LOCK TABLE items IN SHARE MODE");
    burst();
    EXPECT_TRUE(eventually(
        [&] { return other.value("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted") == "t"; },
        kBurstWait));
    other.run("COMMIT");
  }
  void close_the_gate() {
    SqlSession other(deployment_.database());
    other.run("BEGIN; SELECT FROM gate FOR UPDATE");
    const std::size_t before = proxy_.busy_answers();
    burst();
    EXPECT_TRUE(eventually([&] { return proxy_.busy_answers() > before; }, kBurstWait));
    other.run("COMMIT");
  }
  void answer_by(FaultyProxy::Fault fault) {
    const std::size_t before = proxy_.faults();
    proxy_.set(fault, 80);
    burst();
    EXPECT_TRUE(eventually([&] { return proxy_.faults() > before; }, kBurstWait));
    proxy_.set(FaultyProxy::Fault::none, 0);
  }
  void reset_connections() {
    begin_burst();
    for (int times = 0; times < 5; ++times) proxy_.reset();
    end_burst();
  }
  void restart_the_backend() {
    begin_burst();
    deployment_.stop_backend();
    end_burst();
    deployment_.start_backend();
  }
  void restart_the_host() {
    begin_burst();
    kill_host();
    end_burst();
    burst();  // found together
    ASSERT_TRUE(start_host()) << host_->errors();
  }
  /// The host ends by itself at a step, which it may not come to.
  void end_the_host_at_a_step() {
    std::string step;
    while (step.empty() || step.starts_with("adopt.") || step.starts_with("swap.")) {
      step = kStopPoints[random_() % std::size(kStopPoints)];
    }
    SCOPED_TRACE(step);
    kill_host();
    burst();
    if (start_host({{"PATCHBAY_STOP_AT", step + ":" + std::to_string(1 + random_() % 3)}})) {
      burst();
      eventually([&] { return has_ended() || status().value("writes_unfinished", 1) == 0; });
    }
    kill_host();
    ASSERT_TRUE(start_host()) << host_->errors();
  }
  /// Into memory by force: the store of the pattern that was there keeps what is not final.
  void swap_to(const std::string& module) {
    const Ended swapped =
        run_to_end({"swap", "notes", module, "--force", "--directory", directory()});
    ASSERT_EQ(swapped.exit_code, 0) << swapped.errors << host_->errors();
    const std::lock_guard lock(mutex_);
    if (module != "optimistic") {
      if (module != current_) ++swaps_;
      module_ = module;
    }
    current_ = module;
  }
  [[nodiscard]] std::string other_module() const {
    return module_ == "immutable" ? "through-db" : "immutable";
  }
  void swap_in_a_burst(const std::string& module) {
    begin_burst();
    swap_to(module);
    if (module == "optimistic") swap_to(other_module());  // programs need a file
    end_burst();
  }
  void play() {
    using Fault = FaultyProxy::Fault;
    std::vector<std::pair<const char*, std::function<void()>>> all{
        {"a table is locked", [this] { lock_a_table(); }},
        {"the gate is closed", [this] { close_the_gate(); }},
        {"the backend says 503", [this] { answer_by(Fault::backends_503); }},
        {"a proxy says 503", [this] { answer_by(Fault::own_503); }},
        {"answers are lost", [this] { answer_by(Fault::lost_answer); }},
        {"connections are reset", [this] { reset_connections(); }},
        {"the backend is killed", [this] { restart_the_backend(); }},
        {"the host is killed", [this] { restart_the_host(); }},
        {"the host ends at a step", [this] { end_the_host_at_a_step(); }},
        {"the pattern is swapped", [this] { swap_in_a_burst(other_module()); }},
        {"the module is loaded again", [this] { swap_in_a_burst(module_); }},
        {"the pattern is swapped again", [this] { swap_in_a_burst(other_module()); }},
    };
    for (int times = 0; times < (is_long() ? 3 : 1); ++times) {
      std::ranges::shuffle(all, random_);
      for (const auto& [what, happen] : all) {
        SCOPED_TRACE(what);
        happen();
        if (HasFatalFailure()) return;
      }
    }
  }

  [[nodiscard]] std::vector<StormChange> applied() {
    std::vector<StormChange> changes;
    for (const auto& row : sql_.rows("SELECT kind, name, id, stamp FROM applied ORDER BY number")) {
      changes.push_back({*row[0], *row[1], std::stoll(*row[2]), std::stoll(*row[3])});
    }
    return changes;
  }
  [[nodiscard]] std::vector<StormRefusal> refusals() const {
    std::vector<StormRefusal> refusals;
    const Answer answer = LocalApi(page()).get("/api/patterns/notes/rejected");
    for (const Json& write : answer.body.at("rejected")) {
      StormRefusal& refusal = refusals.emplace_back();
      refusal.write_id = write.at("write_id").get<std::string>();
      for (const Json& one : write.at("operations")) {
        const std::string kind = one.at("operation");
        const std::int64_t id = std::stoll(one.at("key").at("id").get<std::string>());
        std::int64_t stamp = 0;
        if (kind != "delete") stamp = std::stoll(one.at("value").at("stamp").get<std::string>());
        refusal.operations.push_back({kind, one.at("table"), id, stamp});
      }
    }
    return refusals;
  }
  /// Empty where no host answers.
  [[nodiscard]] Json status() const {
    const Answer answer = LocalApi(page()).get("/api/patterns");
    return answer.status == 200 ? answer.body.at("patterns")[0] : Json::object();
  }
  void expect_all_is_well() {
    EXPECT_TRUE(eventually([&] { return api_writer_->is_done(); }, kEndWait)) << host_->errors();
    EXPECT_EQ(api_writer_->wrong(), "");
    std::string wrong;
    const auto is_well = [&] {
      wrong = account_.wrong(applied(), refusals());
      return wrong.empty() && status().value("writes_unfinished", 1) == 0;
    };
    EXPECT_TRUE(eventually(is_well, kEndWait)) << status();
    EXPECT_EQ(wrong, "") << host_->errors();
    for (const char* table : {"items", "parents"}) {
      const std::string rows = sql_.value(
          std::string("SELECT coalesce(string_agg(stamp::text, ' ' ORDER BY stamp), '') FROM ") +
          table);
      EXPECT_EQ(LocalApi(page()).shows(rows, "notes", table, "stamp"), rows);
    }
  }

  void end() {
    if (HasFatalFailure()) return;
    swap_to(other_module());
    swap_to(other_module());  // so that what came late into a file that was left is found too
    expect_all_is_well();
    std::cout << account_.accepted() << " transactions, " << applied().size()
              << " operations applied, " << refusals().size() << " writes refused\n";
  }

  std::mt19937_64 random_{GetParam()};
  mutable std::mutex mutex_;  // guards what writers ask for
  std::string page_;
  std::string module_ = "through-db";  ///< The last one that has a file.
  std::string current_ = "through-db";
  std::int64_t swaps_ = 1;
  Deployment deployment_{kStormTables, {"items", "parents"}};
  SqlSession sql_{deployment_.database()};
  FaultyProxy proxy_{deployment_.backend_url()};
  std::unique_ptr<HostProcess> host_;
  std::atomic<std::int64_t> stamps_{0};
  StormAccount account_;
  std::vector<std::unique_ptr<SqlWriter>> sql_writers_;
  std::unique_ptr<ApiWriter> api_writer_;
};

TEST_P(Storm, AppliesEachWriteOnceOrRefusesItForAReason) {
  SCOPED_TRACE("PATCHBAY_SEED=" + std::to_string(GetParam()));
  play();
  end();
}

TEST_P(Storm, SwapsAtAnyMomentAndLosesNothing) {
  SCOPED_TRACE("PATCHBAY_SEED=" + std::to_string(GetParam()));
  constexpr std::array<const char*, 3> kModules{"through-db", "immutable", "optimistic"};
  for (int times = 0; times < (is_long() ? 60 : 12); ++times) {
    swap_in_a_burst(kModules[random_() % kModules.size()]);
    if (HasFatalFailure()) return;
  }
  end();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Storm, testing::ValuesIn(seeds()),
                         [](const auto& one) { return std::to_string(one.param); });

}  // namespace
}  // namespace patchbay::test
