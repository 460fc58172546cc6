#include "files/owned_descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace patchbay::files {

OwnedDescriptor::OwnedDescriptor(OwnedDescriptor&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OwnedDescriptor::~OwnedDescriptor() {
  if (!is_open()) return;
  const int reported = errno;  // why something failed, if it did
  close(descriptor_);
  errno = reported;
}

std::filesystem::path OwnedDescriptor::path() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace patchbay::files
