#include "embedded/sync/database_state.hpp"

namespace patchbay::embedded {

std::string_view to_string(Health health) {
  switch (health) {
    case Health::waiting:
      return "waiting";
    case Health::active:
      return "active";
    case Health::starting:
      break;
  }
  return "starting";
}

Health DatabaseState::health() const {
  if (connected) return Health::active;
  return trouble == StreamTrouble::waiting ? Health::waiting : Health::starting;
}

}  // namespace patchbay::embedded
