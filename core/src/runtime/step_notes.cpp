#include "runtime/step_notes.hpp"

#include <signal.h>

#include <array>
#include <utility>

namespace patchbay {
namespace {

/// A plain pointer: a signal handler reads it.
thread_local StepNote* current = nullptr;

/// Plain pointers, as above.
StepNote::Places places{};

/// Where the handler runs when a module has used up the stack of this thread.
void use_another_stack_for_signals() noexcept {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  static thread_local std::array<char, 65'536> memory;
  static thread_local bool done = false;
  if (std::exchange(done, true)) return;
  stack_t other{};
  other.ss_sp = memory.data();
  other.ss_size = memory.size();
  sigaltstack(&other, nullptr);
#endif
}

class NotedPattern final : public Pattern {
 public:
  NotedPattern(PatternOwner pattern, std::shared_ptr<StepNote> note)
      : note_(std::move(note)), pattern_(std::move(pattern)) {}
  ~NotedPattern() override {
    const StepNote::Scope scope(*note_, "its end");
    pattern_.reset();
  }
  NotedPattern(const NotedPattern&) = delete;
  NotedPattern& operator=(const NotedPattern&) = delete;

  Result<void> start(Host& host, const Succession* succession, Effects& effects) override {
    const StepNote::Scope scope(*note_, "start");
    return pattern_->start(host, succession, effects);
  }
  Result<void> adopt(const Handover& handover, Effects& effects) override {
    const StepNote::Scope scope(*note_, "adopt");
    return pattern_->adopt(handover, effects);
  }
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    const StepNote::Scope scope(*note_, "on_batch");
    return pattern_->on_batch(batch, effects);
  }
  Result<void> on_write(const Write& write, Effects& effects) override {
    const StepNote::Scope scope(*note_, "on_write");
    return pattern_->on_write(write, effects);
  }
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    const StepNote::Scope scope(*note_, "on_outcome");
    return pattern_->on_outcome(outcome, effects);
  }
  Result<void> on_divided(const Division& division, Effects& effects) override {
    const StepNote::Scope scope(*note_, "on_divided");
    return pattern_->on_divided(division, effects);
  }
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) override {
    const StepNote::Scope scope(*note_, "before_send");
    return pattern_->before_send(writes, sent_after_s);
  }
  Result<bool> on_local_change(Effects& effects) override {
    const StepNote::Scope scope(*note_, "on_local_change");
    return pattern_->on_local_change(effects);
  }
  Result<void> read(const Query& query, RowSink& sink) override {
    const StepNote::Scope scope(*note_, "read");
    return pattern_->read(query, sink);
  }
  [[nodiscard]] Result<OwnState> own_state() const override {
    const StepNote::Scope scope(*note_, "own_state");
    return pattern_->own_state();
  }
  void retire() noexcept override {
    const StepNote::Scope scope(*note_, "retire");
    pattern_->retire();
  }
  [[nodiscard]] void* extension(std::string_view name, std::uint32_t revision) override {
    const StepNote::Scope scope(*note_, "extension");
    return pattern_->extension(name, revision);
  }

 private:
  std::shared_ptr<StepNote> note_;
  PatternOwner pattern_;
};

}  // namespace

StepNote::StepNote(std::string instance, std::string module,
                   const std::filesystem::path& crash_file)
    : instance_(std::move(instance)), module_(std::move(module)), crash_file_(crash_file.string()) {
  for (auto& place : places) {
    const StepNote* nobody = nullptr;
    if (place.compare_exchange_strong(nobody, this)) return;
  }
}

StepNote::~StepNote() {
  for (auto& place : places) {
    const StepNote* self = this;
    if (place.compare_exchange_strong(self, nullptr)) return;
  }
}

const StepNote::Places& StepNote::all() noexcept {
  return places;
}

StepNote::Scope::Scope(StepNote& note, const char* step) noexcept
    : note_(note), outer_(std::exchange(current, &note)) {
  use_another_stack_for_signals();
  note_.since_ = std::chrono::steady_clock::now();
  note_.step_ = step;
}

StepNote::Scope::~Scope() {
  note_.step_ = nullptr;
  current = outer_;
}

const StepNote* StepNote::on_this_thread() noexcept {
  return current;
}

std::shared_ptr<StepNote> StepNotes::add(const std::string& module) {
  std::error_code failed;
  const auto file = std::filesystem::weakly_canonical(module, failed);
  auto note = std::make_shared<StepNote>(instance_, file.string(), crash_file_);
  const std::lock_guard lock(mutex_);
  std::erase_if(notes_, [](const auto& one) { return one.expired(); });
  notes_.push_back(note);
  return note;
}

std::optional<StepUnderWay> StepNotes::longest() const {
  std::optional<StepUnderWay> longest;
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  for (const auto& weak : notes_) {
    const auto note = weak.lock();
    const char* step = note ? note->step() : nullptr;
    if (step == nullptr) continue;
    const auto lasting = now - note->since();
    if (!longest || longest->lasting < lasting) longest = StepUnderWay{step, lasting};
  }
  return longest;
}

std::string as_text(const StepUnderWay& step) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(step.lasting);
  return "its module has been in " + step.step + " for " + std::to_string(seconds.count()) + " s";
}

PatternOwner note_steps(PatternOwner pattern, std::shared_ptr<StepNote> note) {
  return {new NotedPattern(std::move(pattern), std::move(note)),
          [](Pattern* noted) { delete noted; }};
}

}  // namespace patchbay
