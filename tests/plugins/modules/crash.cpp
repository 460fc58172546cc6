// Ends the process, in the step and in the way that its settings name: crash_in = "start",
// "on_batch", "on_write" …; how = "segv", "abort", "exit", "quick_exit", "terminate",
// "overflow"; on a thread of its own "thread", "thread_exit". Or
// does not come back from it: how = "hang".
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

#include "tiny_pattern.hpp"

namespace {

using namespace patchbay;

int use_up_the_stack(int depth) {
  if (depth < 0) return 0;
  volatile char room[4'096] = {};
  room[depth % 4'096] = static_cast<char>(depth);
  return use_up_the_stack(depth + 1) + room[0];
}

class CrashPattern final : public tiny::TinyPattern {
 public:
  Result<void> start(Host& host, const Succession*, Effects&) override {
    crash_in_ = host.setting("crash_in").value_or("");
    how_ = host.setting("how").value_or("");
    return pass("start");
  }
  Result<void> adopt(const Handover&, Effects&) override { return pass("adopt"); }
  Result<void> on_batch(const Batch&, Effects&) override { return pass("on_batch"); }
  Result<void> on_write(const Write& write, Effects& effects) override {
    effects.accept(write.id);
    return pass("on_write");
  }
  Result<void> read(const Query&, RowSink&) override { return pass("read"); }

 private:
  Result<void> pass(const char* step) const {
    if (crash_in_ != step) return {};
    if (how_ == "segv") *static_cast<volatile int*>(nullptr) = 1;
    if (how_ == "abort") std::abort();
    if (how_ == "exit") std::exit(0);
    if (how_ == "quick_exit") std::quick_exit(0);
    if (how_ == "thread") std::thread([] { *static_cast<volatile int*>(nullptr) = 1; }).join();
    if (how_ == "thread_exit") std::thread([] { std::exit(0); }).join();
    if (how_ == "terminate") std::terminate();
    if (how_ == "overflow") use_up_the_stack(1);
    while (how_ == "hang") pause();
    return {};
  }

  std::string crash_in_;
  std::string how_;
};

}  // namespace

PATCHBAY_PLUGIN(CrashPattern, "crash", "1.0.0", "Ends the process.", 0);
