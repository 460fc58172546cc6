// Modules with a right descriptor that cannot be linked, made into a pattern, or unloaded:
// SPOIL_<what> chooses.
#include <stdexcept>
#include <string>

#include "tiny_pattern.hpp"

#if defined(SPOIL_LINK)
namespace nowhere {
void defined();
}
#endif

namespace {

/// Counts its own life on the thread it is used on; the destructor pins the module.
struct Pin {
  Pin() : text("alive") {}
  std::string text;
};

}  // namespace

template <typename T>
struct Shared {
  static inline int counter = 0;
};

class DamagedPattern final : public tiny::TinyPattern {
 public:
  DamagedPattern() {
#if defined(SPOIL_LINK)
    nowhere::defined();
#elif defined(SPOIL_CONSTRUCTOR)
    throw std::runtime_error("the moon is in the wrong house");
#elif defined(SPOIL_THROW)
    throw 42;
#elif defined(SPOIL_THREAD)
    thread_local Pin pin;
    pin.text += "!";
#endif
    ++Shared<int>::counter;
  }
};

PATCHBAY_PLUGIN(DamagedPattern, "spoiled", "1.0.0", "Goes wrong when it is used.", 0);
