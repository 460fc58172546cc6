// SwapProcessFixture: a SwapProcess beside the pattern that runs (faked), the hub's stream (faked)
// and a successor whose thread is in the test's hands. What happens is noted in its order:
//
//   "start, adopt, record, replace, retire, swapped (old one ended)"
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/write_parts.hpp"
#include "runtime/replaceable_pattern.hpp"
#include "runtime/swap_process.hpp"
#include "runtime/tuning.hpp"

namespace patchbay::test {

/// The pattern in a slot, replaced as the runner does it, but with nothing around it.
class FakeReplaceable final : public ReplaceablePattern {
 public:
  FakeReplaceable(PatternSlot& slot, StepLoop& loop, WriteBook& book)
      : its_loop(&loop), slot_(slot), book_(book) {}

  PatternSlot& slot() override { return slot_; }
  StepLoop& loop() override { return *its_loop; }
  WriteBook& book() override { return book_; }
  [[nodiscard]] std::vector<std::string> tables_seen() const override { return tables; }
  Result<void> close_to_programs(const ModuleDescription& successor) override {
    if (look) closed_for = successor.id;
    return look;
  }
  Result<void> look_for_local_changes() override {
    if (look) closed_for.clear();
    return look;
  }
  ReplacedPattern replace(Successor& successor, EffectsBuffer& effects,
                          std::function<void()> all_final) override {
    at_replace("replace");
    keeps = std::move(all_final);
    return install(successor, effects);
  }
  void start_with(Successor& successor, EffectsBuffer& effects) override {
    at_replace("start_with");
    static_cast<void>(install(successor, effects));
  }

  StepLoop* its_loop;
  std::vector<std::string> tables;
  Result<void> look = {};  ///< As the pattern answers when it looks or closes.
  std::string closed_for;  ///< A successor; "" while the pattern is open to programs.
  std::function<void(const char*)> at_replace = [](const char*) {};
  std::function<void()> keeps;      ///< `all_final` of the last swap.
  std::size_t effects_carried = 0;  ///< Effects of the step in which the successor took over.

 private:
  ReplacedPattern install(Successor& successor, EffectsBuffer& effects) {
    effects_carried += effects.all().size();
    ReplacedPattern old{std::exchange(slot_.host, successor.take_host()),
                        std::exchange(slot_.pattern, successor.take_pattern())};
    slot_.module = successor.module();
    slot_.thread = &successor.thread();
    its_loop->set_running();
    return old;
  }

  PatternSlot& slot_;
  WriteBook& book_;
};

class SwapProcessFixture : public WriteParts {
 protected:
  SwapProcessFixture() {
    slot_.module.id = "old";
    slot_.pattern.reset(old_);
    pattern_ = old_;
    old_->at_retire = [this] { note("retire"); };
    current_.at_replace = [this](const char* how) { note(how); };
    next_->at_start = [this](Host&, Effects&) { return noted("start"); };
    next_->at_adopt = [this](Effects&) { return noted("adopt"); };
  }

  // As the runner does.
  void on_status() override {
    if (current_.loop().is_stalled()) swap_.note_stall();
  }
  void on_idle() override { swap_.advance(); }

  void note(const std::string& event) { seen_ += (seen_.empty() ? "" : ", ") + event; }
  Result<void> noted(const std::string& event) {
    note(event);
    return {};
  }
  [[nodiscard]] std::string take_seen() { return std::exchange(seen_, {}); }

  /// Lets a successor take the place of the pattern: "swapped", or the error's message, comes last,
  /// with which patterns had ended by then.
  void start(ScriptedPattern* successor, ModuleDescription module = {"", "new", "2", "", 0},
             std::function<Result<void>()> record = {}, std::function<void()> all_final = {}) {
    PatternOwner owner(successor, [](Pattern* one) { delete one; });
    swap_.start({std::move(module), std::move(owner), other_thread_, std::move(record),
                 std::move(all_final)},
                [this](const Result<void>& result) {
                  code_ = result ? std::optional<ErrorCode>() : result.error().code;
                  note((result ? "swapped" : result.error().message) +
                       (old_ended_ ? " (old one ended)" : "") +
                       (next_ended_ ? " (new one ended)" : ""));
                });
  }
  void start() { start(next_); }
  void run() {
    while (executor_.run_all() + other_thread_.run_all() > 0) {
    }
  }
  /// All but the successor's thread, where a step hangs.
  void pass_beside_the_successor(Clock::Duration time) { clock_.advance(time, executor_); }

  static StreamBatch rows(const std::string& title, bool reset) {
    StreamBatch batch;
    batch.table = &items_schema();
    batch.handle = "h1";
    batch.reset = reset;
    batch.changes = {{item("1", title), false}};
    return batch;
  }
  /// The rows of the table come, to the pattern that runs too.
  void publish_rows() {
    stream_.publish(rows("milk", true));
    current_.tables = {"items"};
  }
  /// The pattern that runs repeats a step, until `full_` is false.
  void fill_the_disk() {
    full_ = true;
    loop_.enqueue({[this](Effects&) -> Result<void> {
      return full_ ? failure(ErrorCode::retry, "The disk is full.") : Result<void>{};
    }});
  }
  /// Nothing of the swap is left behind: the pattern that runs is the old one, another may come.
  void expect_that_the_old_one_continues() {
    EXPECT_EQ(slot_.pattern.get(), old_);
    EXPECT_EQ(slot_.module.id, "old");
    EXPECT_FALSE(old_ended_);
    EXPECT_TRUE(next_ended_);
    EXPECT_TRUE(stream_.subscribers.empty());
    EXPECT_EQ(clock_.pending(), 0U);
    strand_.post([this] { note("the old thread works"); });
    executor_.run_all();
    EXPECT_EQ(take_seen(), "the old thread works");
    start(new ScriptedPattern());
    run();
    EXPECT_EQ(take_seen(), "replace, retire, swapped (old one ended) (new one ended)");
  }

  sim::ManualExecutor other_thread_;
  bool full_ = false;
  bool old_ended_ = false;
  bool next_ended_ = false;
  MortalPattern* old_ = new MortalPattern(old_ended_);
  MortalPattern* next_ = new MortalPattern(next_ended_);  ///< Owned by the swap, once started.
  std::string seen_;
  std::optional<ErrorCode> code_;  ///< Of the last answer; nullopt: swapped.
  StepLoop unstarted_{executor_, clock_, options_.name, *this};
  MovableStrand strand_{executor_};
  FakeReplaceable current_{slot_, loop_, book_};
  SwapProcess swap_{strand_, stream_, clock_, current_, {executor_, clock_, options_.name, [] {
                                                           return std::optional<StepUnderWay>();
                                                         }}};
};

}  // namespace patchbay::test
