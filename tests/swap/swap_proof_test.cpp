// The proof of hot swap: modules as they are built, loaded and unmapped for real, change every 50
// ms among all pairs of patterns while eight writers write, requests fail, answers are lost and the
// stream is cut. Nothing is lost, doubled or reordered, no caller sees an error, no module stays.
// PATCHBAY_LONG=1: 60 s instead of 10. PATCHBAY_SEED=<n>: other faults.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <future>
#include <mutex>
#include <set>

#include "plugins/plugin_directory.hpp"
#include "runtime/hot_swap.hpp"
#include "sim/quiet_world.hpp"
#include "sim/world.hpp"
#include "support/eventually.hpp"
#include "support/fake_host.hpp"
#include "swap/live_server.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;
using sim::insert_row;
using sim::remove_row;
using sim::update_row;

/// About so many writes, whatever the form.
constexpr int kWritesOfOneWriter = 400;
constexpr int kWriters = 8;
constexpr auto kSwapInterval = 50ms;

std::chrono::seconds length() {
  return std::getenv("PATCHBAY_LONG") != nullptr ? 60s : 10s;
}

std::uint32_t seed() {
  const char* text = std::getenv("PATCHBAY_SEED");
  return text == nullptr ? 1 : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

/// Every module after every module, itself included.
constexpr std::array<std::size_t, 16> kOrder{0, 0, 1, 0, 2, 0, 3, 1, 1, 2, 1, 3, 2, 2, 3, 3};
constexpr std::array<const char*, 4> kModules{"online", "optimistic", "immutable", "through-db"};

double resident_mib() {
  malloc_trim(0);
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::set<std::string> mapped_modules() {
  std::set<std::string> modules;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t at = line.find("memfd:");
    if (at != std::string::npos) modules.insert(line.substr(at));
  }
  return modules;
}

/// Writes one after the other, each when the one before has been answered and some time has passed.
class Writer {
 public:
  Writer(std::uint32_t number, PatternRunner& runner, IoPool& pool)
      : number_(number), runner_(runner), pool_(pool), strand_(pool.make_strand()) {}

  void begin(std::chrono::microseconds pause) {
    pause_ = pause;
    strand_->post([this] { write(); });
  }
  void stop() {
    strand_->post([this] { stopped_ = true; });
  }
  /// No write of it waits for an answer.
  [[nodiscard]] bool is_idle() const { return idle_; }
  /// On its strand, or once it is idle.
  [[nodiscard]] const std::vector<WriteId>& written() const { return written_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void write() {
    if (stopped_) {
      idle_ = true;
      return;
    }
    const auto n = static_cast<std::uint32_t>(written_.size());
    WriteRequest request{sim::write_id(number_ * 1'000'000 + n + 1), operations(n)};
    written_.push_back(request.id);
    runner_.submit(std::move(request), [this](const Result<WriteStatus>& status) {
      const std::string wrong = !status                                 ? status.error().message
                                : status->state == WriteState::rejected ? "it was rejected"
                                                                        : "";
      strand_->post([this, wrong] {
        if (!wrong.empty() && error_.empty()) error_ = written_.back().text() + ": " + wrong;
        pool_.clock().after(pause_, *strand_, [this] { write(); });
      });
    });
  }
  /// Of every four: a row comes, changes, changes together with another table, and goes.
  [[nodiscard]] std::vector<RequestedOperation> operations(std::uint32_t n) const {
    const std::string id = std::to_string(number_ * 1'000'000 + n / 4 % 50);
    const std::string text = "v" + std::to_string(n);
    switch (n % 4) {
      case 0:
        return {sim::insert_row("items", {{"id", id}, {"title", text}, {"note", std::nullopt}})};
      case 1:
        return {sim::update_row("items", {{"id", id}}, {{"title", text}})};
      case 2:
        return {sim::update_row("items", {{"id", id}}, {{"note", text}}),
                sim::insert_row("lists", {{"id", sim::write_id(number_ * 1'000'000 + n).text()},
                                          {"name", std::nullopt}})};
      default:
        return {
            sim::remove_row("items", {{"id", id}}),
            sim::remove_row("lists", {{"id", sim::write_id(number_ * 1'000'000 + n - 1).text()}})};
    }
  }

  std::uint32_t number_;
  PatternRunner& runner_;
  IoPool& pool_;
  std::unique_ptr<Executor> strand_;
  std::chrono::microseconds pause_{};
  bool stopped_ = false;
  std::atomic<bool> idle_{false};
  std::vector<WriteId> written_;
  std::string error_;
};

class SwapProof : public testing::Test {
 protected:
  SwapProof() {
    for (const char* name : kModules) files_.push_back(directory_.add_plugin(name));
    module_ = std::make_unique<RunningModule>(load(0));
    auto created = module_->plugin.create();
    EXPECT_TRUE(created);
    const InstanceOptions options{
        "proof", {"items", "lists"}, {{"synchronous", "normal"}}, directory_.path() / "data"};
    runner_ = std::make_unique<PatternRunner>(
        RunnerParts{module_->thread->executor(), *queue_strand_, pool_.clock(), server_, server_,
                    events_, &pool_.files()},
        options, describe(module_->plugin.inspection()), *std::move(created), QueueOptions{});
    runner_->start();
    EXPECT_TRUE(eventually([this] { return runner_->is_ready(); }));
  }
  ~SwapProof() override {
    std::promise<void> stopped;
    runner_->stop([&stopped] { stopped.set_value(); });
    stopped.get_future().wait();
    module_.reset();
    pool_.stop();
  }

  LoadedPlugin load(std::size_t module) {
    auto loaded = directory_.loader().load(files_.at(module));
    EXPECT_TRUE(loaded) << refusal(loaded);
    return *std::move(loaded);
  }
  /// A pattern in memory takes the place of a durable one by force.
  void swap_to(std::size_t module) {
    const auto swapped =
        hot_swap(*runner_, *module_, load(module), {[] { return Result<void>{}; }, [] {}});
    ASSERT_TRUE(swapped) << refusal(swapped);
  }
  [[nodiscard]] PatternStatus status() {
    std::promise<PatternStatus> told;
    runner_->status([&told](PatternStatus status) { told.set_value(std::move(status)); });
    return told.get_future().get();
  }
  [[nodiscard]] std::string view(const std::string& table) {
    std::promise<std::string> told;
    runner_->read({table, {}, {}, {}, {}, {}}, [&told](const auto& rows) {
      std::set<std::string> printed;
      if (rows) {
        for (const ViewRow& row : *rows)
          printed.insert(sim::print(*row.row) + (row.pending ? "*" : ""));
      }
      std::string text = rows ? "" : rows.error().message;
      for (const std::string& row : printed) text += row + "\n";
      told.set_value(text);
    });
    return told.get_future().get();
  }
  [[nodiscard]] std::string server_view(const std::string& table) {
    std::set<std::string> printed;
    server_.inspect([&](const auto& server) {
      for (const auto& [key, row] : server.rows(table)) printed.insert(sim::print(*row));
    });
    std::string text;
    for (const std::string& row : printed) text += row + "\n";
    return text;
  }
  void expect_each_applied_once_in_order(const std::vector<std::unique_ptr<Writer>>& writers) {
    server_.inspect([&](const sim::ModelServer& server) {
      std::map<WriteId, std::size_t> places;
      for (const WriteId& id : server.arrivals()) places.emplace(id, places.size());
      for (const auto& writer : writers) {
        EXPECT_EQ(writer->error(), "");
        std::size_t last = 0;
        for (const WriteId& id : writer->written()) {
          EXPECT_EQ(server.applied(id), 1U) << id.text();
          if (!places.contains(id)) continue;
          EXPECT_GE(places[id], last) << id.text() << " came before an earlier one";
          last = places[id];
        }
      }
    });
  }

  PluginDirectory directory_;
  std::vector<std::filesystem::path> files_;
  IoPool pool_{2};
  LiveServer server_{sim::world_tables(), pool_, seed()};
  sim::NobodyListens events_;
  std::unique_ptr<Executor> queue_strand_ = pool_.make_strand();
  std::unique_ptr<RunningModule> module_;
  std::unique_ptr<PatternRunner> runner_;
};

TEST_F(SwapProof, LosesDoublesAndReordersNothingAmongAllPairsUnderLoad) {
  std::vector<std::unique_ptr<Writer>> writers;
  for (std::uint32_t number = 1; number <= kWriters; ++number) {
    writers.push_back(std::make_unique<Writer>(number, *runner_, pool_));
    writers.back()->begin(std::chrono::microseconds(length()) / kWritesOfOneWriter);
  }
  const auto begin = std::chrono::steady_clock::now();
  auto next = begin;
  std::size_t swaps = 0;
  std::promise<void> never;
  const auto pause = never.get_future();
  // On a machine that is short of time it takes longer: all pairs, and more.
  while (next < begin + length() || swaps < 2 * kOrder.size()) {
    pause.wait_until(next);
    swap_to(kOrder[swaps % kOrder.size()]);
    if (HasFatalFailure()) break;
    ++swaps;
    next = std::max(next + kSwapInterval, std::chrono::steady_clock::now());
  }
  for (const auto& writer : writers) writer->stop();
  server_.set_faults(false);
  const auto settled = [&] {
    runner_->network_restored();
    return std::ranges::all_of(writers, [](const auto& writer) { return writer->is_idle(); }) &&
           status().writes_unfinished == 0;
  };
  EXPECT_TRUE(eventually(settled, 60s)) << status().writes_unfinished << " writes wait";
  expect_each_applied_once_in_order(writers);
  EXPECT_EQ(view("items"), server_view("items"));
  EXPECT_EQ(view("lists"), server_view("lists"));
  EXPECT_EQ(mapped_modules().size(), 1U) << "only the module that runs";
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep what is freed
  // Without writes, as what is remembered of each of them would hide what a swap keeps.
  double before_mib = 0;
  for (std::size_t quiet = 0; quiet < 6 * kOrder.size(); ++quiet) {
    if (quiet == 2 * kOrder.size()) before_mib = resident_mib();
    swap_to(kOrder[quiet % kOrder.size()]);
  }
  const double kept_mib = resident_mib() - before_mib;
  EXPECT_LT(kept_mib, 1.0) << "MiB that swaps without writes kept";
#endif
  std::size_t written = 0;
  for (const auto& writer : writers) written += writer->written().size();
  std::cout << swaps << " swaps, " << written << " writes\n";
}

}  // namespace
}  // namespace patchbay::test
