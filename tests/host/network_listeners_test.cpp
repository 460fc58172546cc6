// NetworkListeners alone: which runners hear that the network is back.
#include "patterns/network_listeners.hpp"

#include <gtest/gtest.h>

#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::patterns {
namespace {

/// A hub's strand that has nothing else to do.
class IdleStrand final : public Executor {
 public:
  void post(std::function<void()> work) override { work(); }
};

/// A runner whose write waits for the network.
class WaitingRunner {
 public:
  WaitingRunner() {
    bench.reset({});
    bench.submit(1, OperationKind::insert, "1", "milk");
    bench.gateway.answer({Unknown{"The network is down.", {}, true, false, false}});
    bench.run();
    static_cast<void>(bench.gateway.take());
  }
  /// Whether the write was sent since, though no time has passed.
  [[nodiscard]] bool hears() {
    bench.run();
    return bench.gateway.take() == "1";
  }

  test::RunnerBench bench{std::make_unique<test::ScriptedPattern>()};
};

TEST(NetworkListeners, TellEachRunnerThatTheNetworkIsBack) {
  IdleStrand strand;
  NetworkListeners listeners(strand);
  WaitingRunner first;
  WaitingRunner second;
  listeners.add(first.bench.runner);
  EXPECT_FALSE(first.hears());
  listeners.add(second.bench.runner);
  listeners.network_restored();
  EXPECT_TRUE(first.hears());
  EXPECT_TRUE(second.hears());
}

TEST(NetworkListeners, TellNothingToARunnerThatWasRemoved) {
  IdleStrand strand;
  NetworkListeners listeners(strand);
  WaitingRunner stays;
  WaitingRunner goes;
  listeners.add(goes.bench.runner);
  listeners.add(stays.bench.runner);
  listeners.remove(goes.bench.runner);
  listeners.network_restored();
  EXPECT_FALSE(goes.hears());
  EXPECT_TRUE(stays.hears());
}

TEST(NetworkListeners, AreKeptOnTheHubsStrand) {
  sim::ManualExecutor strand;
  NetworkListeners listeners(strand);
  WaitingRunner runner;
  listeners.add(runner.bench.runner);
  listeners.network_restored();
  EXPECT_FALSE(runner.hears()) << "the strand has not come to it";
  strand.run_all();
  listeners.network_restored();
  EXPECT_TRUE(runner.hears());
}

}  // namespace
}  // namespace patchbay::patterns
