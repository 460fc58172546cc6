// HotSwap: a runner that gets another pattern, with that one's thread in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <patchbay/plugin.hpp>
#include <string>
#include <utility>

#include "online/online_pattern.hpp"
#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {

class HotSwap : public testing::Test {
 protected:
  void run(RunnerBench& bench) {
    while (bench.executor.run_all() + other_thread_.run_all() > 0) {
    }
  }
  void begin(RunnerBench& bench, Pattern* successor, ModuleDescription module = {}) {
    if (module.id.empty()) module.id = "other";
    PatternOwner owner(successor, [](Pattern* one) { delete one; });
    bench.runner.swap({std::move(module), std::move(owner), other_thread_},
                      [this](const Result<void>& result) {
                        ++answers_;
                        answer_ = result ? "swapped" : result.error().message;
                      });
  }
  std::string swap(RunnerBench& bench, Pattern* successor, ModuleDescription module = {}) {
    begin(bench, successor, std::move(module));
    run(bench);
    return answer_;
  }
  /// The successor has the rows; adopting is what its thread does next.
  void run_up_to_adopt(RunnerBench& bench) {
    bench.run();
    ASSERT_EQ(other_thread_.run_all(), 2U) << "start and the rows";
    bench.run();
    ASSERT_EQ(other_thread_.queued(), 1U);
  }
  static ModuleDescription optimistic() { return {"", "optimistic", "1", "", kTraitOptimistic}; }

  sim::ManualExecutor other_thread_;
  std::string answer_;
  int answers_ = 0;
};

inline std::unique_ptr<Pattern> online() {
  return std::make_unique<online::OnlinePattern>();
}

}  // namespace patchbay::test
