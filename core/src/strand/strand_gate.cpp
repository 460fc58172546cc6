#include "strand/strand_gate.hpp"

#include <utility>

namespace patchbay {

void StrandGate::post(std::function<void()> work) {
  const std::lock_guard lock(posting_);
  if (strand_ != nullptr) strand_->post(guarded(std::move(work)));
}

std::function<void()> StrandGate::guarded(std::function<void()> work) {
  return [gate = shared_from_this(), work = std::move(work)] {
    const std::lock_guard lock(gate->running_);
    if (gate->open_) work();
  };
}

void StrandGate::close() {
  {
    const std::lock_guard lock(running_);
    open_ = false;
  }
  const std::lock_guard lock(posting_);
  strand_ = nullptr;
}

}  // namespace patchbay
