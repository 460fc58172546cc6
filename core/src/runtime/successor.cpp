#include "runtime/successor.hpp"

#include <algorithm>
#include <utility>

#include "runtime/pattern_step.hpp"
#include "stop_point.hpp"

namespace patchbay {
namespace {

Error in_words(const char* what, const Error& error, bool alone) {
  return {error.code, std::string("The new pattern ") + what + ": " + error.message +
                          (alone ? "" : " The pattern that runs continues.")};
}

}  // namespace

void Successor::begin(bool alone) {
  alone_ = alone;
  begun_ = true;
}

void Successor::start(std::shared_ptr<const KeptHandover> so_far, bool same_plugin) {
  post_step(
      [this, so_far = std::move(so_far), same_plugin](Effects& effects) {
        const Handover view = so_far ? so_far->view() : Handover{};
        const Succession succession{so_far ? &view : nullptr, same_plugin};
        return parts_.pattern->start(*parts_.host, &succession, effects);
      },
      "did not start", [this](EffectsBuffer&) { parts_.on_progress(); });
}

void Successor::start_alone(Then started) {
  post_step(
      [this](Effects& effects) { return parts_.pattern->start(*parts_.host, nullptr, effects); },
      "did not start", std::move(started));
}

void Successor::on_stream_batch(StreamBatchRef batch) {
  parts_.strand.post([self = shared_from_this(), batch = std::move(batch)] {
    // Later batches come by the runner, at their place among its own work.
    if (batch->reset && self->joined_.insert(batch->table->name).second) self->feed(batch);
  });
}

void Successor::feed(const StreamBatchRef& batch) {
  if (is_decided() || !joined_.contains(batch->table->name)) return;
  post_step(
      [this, batch](Effects& effects) {
        const StreamBatchRef part = parts_.host->part_for_pattern(batch);
        if (!part) return Result<void>{};
        parts_.host->learn(*part->table);
        return parts_.pattern->on_batch(
            {*part->table, part->reset, part->changes, {}, {part->handle, part->offset}}, effects);
      },
      "could not take the rows", [this](EffectsBuffer&) { parts_.on_progress(); });
}

void Successor::post_step(std::function<Result<void>(Effects&)> run, const char* what, Then then) {
  ++steps_waiting_;
  parts_.thread.post(
      [self = shared_from_this(), run = std::move(run), what, then = std::move(then)] {
        if (self->failed_ || self->is_decided()) return;
        const auto effects = std::make_shared<EffectsBuffer>();
        const Result<void> result = take_step(run, *effects);
        self->failed_ = !result;
        ++self->steps_ended_;
        self->parts_.strand.post([self, what, result, effects, then] {
          --self->steps_waiting_;
          if (result) return then(*effects);
          if (self->decide()) self->parts_.on_failure(in_words(what, result.error(), self->alone_));
        });
      });
}

bool Successor::has_caught_up(const std::vector<std::string>& tables) const {
  return steps_waiting_ == 0 && std::ranges::all_of(tables, [this](const std::string& table) {
           return joined_.contains(table);
         });
}

void Successor::adopt(std::shared_ptr<const KeptHandover> handover, Cut cut) {
  parts_.thread.post(
      [self = shared_from_this(), handover = std::move(handover), cut = std::move(cut)] {
        EffectsBuffer effects;
        Result<void> result = take_step(
            [&](Effects& wanted) { return self->parts_.pattern->adopt(handover->view(), wanted); },
            effects);
        if (!self->decide()) return;
        const char* what = "could not adopt the writes";
        if (result && cut.record) {
          what = "holds the writes, but that cannot be stored";
          result = cut.record();
          if (result) stop_point("swap.recorded");
        }
        if (result) return cut.take_over(effects);
        self->parts_.strand.post([self, error = in_words(what, result.error(), false)] {
          self->parts_.on_failure(error);
        });
        self->parts_.strand.resume();
      });
}

void Successor::end(const Error& why) {
  drop([self = shared_from_this(), why] { self->answer(tl::unexpected(why)); });
}

void Successor::drop(std::function<void()> dropped) {
  parts_.thread.post([self = shared_from_this(), dropped = std::move(dropped)] {
    self->failed_ = true;
    self->parts_.pattern.reset();
    self->parts_.host.reset();
    if (dropped) dropped();
  });
}

}  // namespace patchbay
