// One module for each thing that can be wrong with a descriptor: SPOIL_<what> chooses it.
#include "tiny_pattern.hpp"

namespace {

constexpr patchbay::PluginDescriptor spoiled() {
  auto descriptor = tiny::good_descriptor();
#if defined(SPOIL_MAGIC)
  descriptor.magic = 42;
#elif defined(SPOIL_INTERFACE)
  descriptor.interface_version = 99;
#elif defined(SPOIL_STAMP)
  descriptor.abi.compiler_abi = 1;
  descriptor.abi.sanitizer = 2 - descriptor.abi.sanitizer;
  descriptor.abi.sizes[2] += 8;
#elif defined(SPOIL_ID)
  descriptor.id[0] = 'T';
#elif defined(SPOIL_TEXT)
  for (char& c : descriptor.description) c = 'x';
#elif defined(SPOIL_CREATE)
  descriptor.create = nullptr;
#endif
  return descriptor;
}

}  // namespace

#if defined(SPOIL_SIZE)
PATCHBAY_TEST_EXPORT constinit const struct {
  patchbay::PluginDescriptor descriptor;
  long more;
} patchbay_plugin = {spoiled(), 1};
#elif defined(SPOIL_CONSTANT)
namespace {
patchbay::PluginDescriptor made_when_run() {
  auto descriptor = spoiled();
  descriptor.traits = getenv("HOME") != nullptr ? 1 : 0;
  return descriptor;
}
}  // namespace
PATCHBAY_TEST_EXPORT const patchbay::PluginDescriptor patchbay_plugin = made_when_run();
#elif defined(SPOIL_SYMBOL)
PATCHBAY_TEST_EXPORT constinit const patchbay::PluginDescriptor another_name = spoiled();
#else
PATCHBAY_TEST_EXPORT constinit const patchbay::PluginDescriptor patchbay_plugin = spoiled();
#endif
