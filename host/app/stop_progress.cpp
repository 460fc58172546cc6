#include "app/stop_progress.hpp"

#include <signal.h>

namespace patchbay::app {

std::function<std::string()> StopProgress::give_up() const {
  return [state = state_] {
    // A server that hangs is woken, so that it can end; what it has committed is in its log.
    if (const pid_t postgres = state->postgres_id; postgres > 0) {
      kill(postgres, SIGQUIT);
      kill(postgres, SIGCONT);
    }
    return std::string(state->phase.load());
  };
}

}  // namespace patchbay::app
