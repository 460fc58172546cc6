#include "write/queue_observer.hpp"

namespace patchbay {

std::string_view to_string(QueueState state) noexcept {
  switch (state) {
    case QueueState::idle:
      return "idle";
    case QueueState::sending:
      return "sending";
    case QueueState::retrying:
      return "retrying";
    case QueueState::unauthorized:
      return "unauthorized";
  }
  return "";
}

}  // namespace patchbay
