#include "runtime/newcomer.hpp"

#include <algorithm>
#include <utility>

#include "runtime/pattern_step.hpp"

namespace patchbay {
namespace {

Error in_words(const char* what, const Error& error) {
  return {error.code, std::string("The new pattern ") + what + ": " + error.message +
                          " The pattern that runs goes on."};
}

}  // namespace

void Newcomer::start() {
  post_step([this](Effects& effects) { return parts_.pattern->start(*parts_.host, effects); },
            "did not start");
}

void Newcomer::on_stream_batch(StreamBatchRef batch) {
  parts_.strand.post([self = shared_from_this(), batch = std::move(batch)] {
    // Whatever follows comes by the runner, at its place among the runner's own work.
    if (batch->reset && self->joined_.insert(batch->table->name).second) self->feed(batch);
  });
}

void Newcomer::feed(const StreamBatchRef& batch) {
  if (!joined_.contains(batch->table->name)) return;
  post_step(
      [this, batch](Effects& effects) {
        parts_.host->learn(*batch->table);
        return parts_.pattern->on_batch(
            {*batch->table, batch->reset, batch->changes, {}, {batch->handle, batch->offset}},
            effects);
      },
      "could not take the rows");
}

void Newcomer::post_step(std::function<Result<void>(Effects&)> run, const char* what) {
  ++steps_waiting_;
  parts_.thread.post([self = shared_from_this(), run = std::move(run), what] {
    if (self->failed_) return;
    EffectsBuffer dropped;
    const Result<void> result = take_step(run, dropped);
    self->failed_ = !result;
    self->parts_.strand.post([self, what, result] {
      --self->steps_waiting_;
      if (result) return self->parts_.on_progress();
      if (self->decide()) self->parts_.on_failure(in_words(what, result.error()));
    });
  });
}

bool Newcomer::has_caught_up(const std::vector<std::string>& tables) const {
  return steps_waiting_ == 0 && std::ranges::all_of(tables, [this](const std::string& table) {
           return joined_.contains(table);
         });
}

void Newcomer::adopt(std::shared_ptr<const KeptHandover> handover,
                     std::function<void(EffectsBuffer&)> take_over) {
  parts_.thread.post([self = shared_from_this(), handover = std::move(handover),
                      take_over = std::move(take_over)] {
    EffectsBuffer effects;
    const Result<void> result = take_step(
        [&](Effects& wanted) { return self->parts_.pattern->adopt(handover->view(), wanted); },
        effects);
    if (!self->decide()) return;
    if (result) return take_over(effects);
    self->parts_.strand.post(
        [self, error = in_words("could not adopt the writes", result.error())] {
          self->parts_.on_failure(error);
        });
    self->parts_.strand.resume();
  });
}

void Newcomer::end(std::function<void()> ended) {
  parts_.thread.post([self = shared_from_this(), ended = std::move(ended)] {
    self->failed_ = true;
    self->parts_.pattern.reset();
    self->parts_.host.reset();
    ended();
  });
}

}  // namespace patchbay
