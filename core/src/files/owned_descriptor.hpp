// OwnedDescriptor: a file descriptor that is closed when its owner goes. Made from what open(2) and
// its like return, -1 included. Move-only. [any thread]
#pragma once

#include <filesystem>

namespace patchbay::files {

class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept;
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
  ~OwnedDescriptor();

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  /// Leaves the descriptor open until the process ends.
  void keep_open() noexcept { descriptor_ = -1; }
  /// The name under which this process can open what the descriptor refers to.
  [[nodiscard]] std::filesystem::path path() const;

 private:
  int descriptor_;
};

}  // namespace patchbay::files
