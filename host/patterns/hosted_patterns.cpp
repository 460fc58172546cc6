#include "patterns/hosted_patterns.hpp"

#include <algorithm>

namespace patchbay::patterns {

struct HostedPatterns::Started {
  PatternStarter starter;
  PatternStopper stopper;
  ModuleWatches watches;
  PatternSwap swap;
  PatternAdditions additions;
  PatternRemoval removal;
  PatternRequests requests;

  Started(HostedPatterns& all, Hub& hub, api::ApiServer& api)
      : starter(all.config_, all.pool_, all.crashes_, {hub, api, all.network_}),
        stopper(all.registry_, api, all.network_, all.crashes_),
        watches(
            [&pool = all.pool_] {
              return ModuleWatch::Parts{pool.make_strand(), pool.clock(), pool.files()};
            },
            all.config_.watch, [this](const std::string& instance) { requests.reload(instance); }),
        swap(all.config_, all.thread_->executor(), watches),
        additions({all.config_, all.registry_, all.loader_, starter, swap, stopper, watches, api}),
        removal(all.config_, all.registry_, stopper, api, all.crashes_),
        requests(all.queue_, all.registry_, {swap, additions, removal}) {}
};

HostedPatterns::HostedPatterns(const Config& config, IoPool& pool, Executor& hub_strand)
    : config_(config),
      pool_(pool),
      crashes_(config.directory, pool.clock(), thread_->executor()),
      loader_(config, crashes_, registry_),
      network_(hub_strand),
      queue_(thread_->executor(), pool.clock()) {}

HostedPatterns::~HostedPatterns() {
  thread_.reset();  // what is queued on it may still use every part
}

Result<std::vector<std::pair<std::string, std::string>>> HostedPatterns::start(
    Hub& hub, api::ApiServer& api) {
  started_ = std::make_unique<Started>(*this, hub, api);
  std::vector<std::pair<std::string, std::string>> files;
  for (const HeldBack& held : registry_.held_back()) {
    api.miss_pattern(held.config.name, held.reason);
  }
  for (const auto& pattern : registry_.running()) {
    const auto status = started_->starter.start(*pattern);
    if (!status) return tl::unexpected(status.error());
    for (const std::string& file : status->files) files.emplace_back(status->instance, file);
  }
  return files;
}

bool HostedPatterns::serves_any() const {
  return std::ranges::any_of(registry_.running(),
                             [](const auto& pattern) { return pattern->runner->knows_a_table(); });
}

bool HostedPatterns::all_ready() const {
  return std::ranges::all_of(registry_.running(),
                             [](const auto& pattern) { return pattern->runner->is_ready(); });
}

void HostedPatterns::open() {
  for (const auto& pattern : registry_.running()) started_->watches.watch(*pattern);
  queue_.open([this] { started_->requests.hand_over_all(); });
}

void HostedPatterns::close() {
  queue_.refuse_all();
  if (started_) started_->swap.cancel();
  queue_.wait_until_idle();
}

void HostedPatterns::stop_all() {
  if (started_) started_->stopper.stop_all();
}

void HostedPatterns::add_hooks(api::ApiHooks& hooks) {
  using Answer = RequestQueue::Answer;
  hooks.swap = [this](api::SwapRequest request, Answer answer) {
    queue_.add([this, request = std::move(request)] { return started_->requests.swap(request); },
               std::move(answer));
  };
  hooks.add = [this](api::AdditionRequest request, Answer answer) {
    queue_.add([this, request = std::move(request)] { return started_->requests.add(request); },
               std::move(answer));
  };
  hooks.remove = [this](api::RemovalRequest request, Answer answer) {
    queue_.add([this, request = std::move(request)] { return started_->requests.remove(request); },
               std::move(answer));
  };
}

}  // namespace patchbay::patterns
