#include "runtime/asio_executor.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/asio_file_events.hpp"
#include "time/asio_clock.hpp"

namespace asio = boost::asio;

namespace patchbay {
namespace {

using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

class StrandExecutor final : public Executor {
 public:
  explicit StrandExecutor(asio::io_context& io) : strand_(asio::make_strand(io)) {}
  void post(std::function<void()> work) override { asio::post(strand_, std::move(work)); }

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

struct OwnThread::State {
  asio::io_context io;
  WorkGuard guard = asio::make_work_guard(io);
  StrandExecutor executor{io};
  std::thread thread{[this] { io.run(); }};
};

OwnThread::OwnThread() : state_(std::make_unique<State>()) {}

OwnThread::~OwnThread() {
  state_->guard.reset();
  state_->thread.join();
}

Executor& OwnThread::executor() {
  return state_->executor;
}

}  // namespace patchbay
