// TinyPattern: does nothing, correctly. The pattern inside the deliberately bad modules, each of
// which says in the environment that its code ran.
#pragma once

#include <cstdlib>
#include <patchbay/plugin.hpp>

namespace tiny {

using namespace patchbay;

class TinyPattern : public Pattern {
 public:
  Result<void> start(Host&, const Succession*, Effects&) override { return {}; }
  Result<void> adopt(const Handover&, Effects&) override { return {}; }
  Result<void> on_batch(const Batch&, Effects&) override { return {}; }
  Result<void> on_write(const Write&, Effects&) override { return {}; }
  Result<void> on_outcome(const Outcome&, Effects&) override { return {}; }
  Result<void> read(const Query&, RowSink&) override { return {}; }
};

inline Pattern* create() {
  return new TinyPattern();
}
inline void destroy(Pattern* pattern) noexcept {
  delete pattern;
}

/// A descriptor with nothing wrong, for a module to change.
constexpr PluginDescriptor good_descriptor() {
  PluginDescriptor descriptor;
  descriptor.abi = abi_stamp();
  descriptor.id = descriptor_id("tiny");
  descriptor.version = descriptor_text<32>("1.0.0");
  descriptor.description = descriptor_text<160>("Does nothing.");
  descriptor.create = &create;
  descriptor.destroy = &destroy;
  return descriptor;
}

}  // namespace tiny

namespace {
[[gnu::constructor]] void say_that_code_ran() {
  setenv("PATCHBAY_TEST_MODULE_RAN", "yes", 1);
}
}  // namespace

#define PATCHBAY_TEST_EXPORT extern "C" __attribute__((visibility("default"), used))
