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

class SpoiledPattern final : public tiny::TinyPattern {
 public:
  SpoiledPattern() {
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

PATCHBAY_PLUGIN(SpoiledPattern, "spoiled", "1.0.0", "Goes wrong when it is used.", 0);
