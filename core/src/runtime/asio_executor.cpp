#include "runtime/asio_executor.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "hop_trace.hpp"
#include "runtime/asio_file_events.hpp"
#include "time/asio_clock.hpp"

namespace asio = boost::asio;

namespace patchbay {
namespace {

using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

class StrandExecutor final : public Executor {
 public:
  explicit StrandExecutor(asio::io_context& io) : strand_(asio::make_strand(io)) {}
  void post(std::function<void()> work) override {
    note_hop();
    asio::post(strand_, std::move(work));
  }

 private:
  asio::strand<asio::io_context::executor_type> strand_;
};

}  // namespace

struct IoPool::State {
  asio::io_context io;
  WorkGuard guard = asio::make_work_guard(io);
  AsioClock clock{io};
  AsioFileEvents files{io};
  std::vector<std::thread> threads;
};

IoPool::IoPool(unsigned threads) : state_(std::make_unique<State>()) {
  for (unsigned index = 0; index < threads; ++index) {
    state_->threads.emplace_back([io = &state_->io] { io->run(); });
  }
}

IoPool::~IoPool() {
  stop();
}

std::unique_ptr<Executor> IoPool::make_strand() {
  return std::make_unique<StrandExecutor>(state_->io);
}

Clock& IoPool::clock() {
  return state_->clock;
}

FileEvents& IoPool::files() {
  return state_->files;
}

void IoPool::stop() {
  state_->guard.reset();
  state_->io.stop();
  for (auto& thread : state_->threads) thread.join();
  state_->threads.clear();
}

/// Held also by a caller that is about to post: the work may already have run, and the thread been
/// joined, before that call returns.
struct OwnThread::State final : Executor, std::enable_shared_from_this<State> {
  void post(std::function<void()> work) override {
    const auto keep = shared_from_this();
    strand->post(std::move(work));
  }

  asio::io_context io;
  WorkGuard guard = asio::make_work_guard(io);
  const std::unique_ptr<Executor> strand = std::make_unique<StrandExecutor>(io);
  std::thread thread{[this] { io.run(); }};
};

OwnThread::OwnThread() : state_(std::make_shared<State>()) {}

OwnThread::~OwnThread() {
  if (!state_) return;
  state_->guard.reset();
  state_->thread.join();
}

Executor& OwnThread::executor() {
  return *state_;
}

}  // namespace patchbay
