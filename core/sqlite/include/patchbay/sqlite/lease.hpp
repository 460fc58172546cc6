// Lease: who owns a store: an flock on <file>.lease, held as long as this, or another that shares
// it, lives. Store -> here. A successor in this process shares the lease of its predecessor.
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>
#include <utility>

namespace patchbay::sqlite {

class Lease {
 public:
  /// ErrorCode::rejected: another process has it; retry: its file cannot be opened now.
  static Result<Lease> take(const std::filesystem::path& file);
  /// The same lease, from the descriptor() of one that lives in this process. Refused when that is
  /// of another file.
  static Result<Lease> share(int descriptor, const std::filesystem::path& file);
  /// True when the lease of this file was taken before, in whatever process.
  [[nodiscard]] static bool is_known(const std::filesystem::path& file) noexcept;

  Lease(Lease&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();
  [[nodiscard]] int descriptor() const noexcept { return file_; }

 private:
  explicit Lease(int file) : file_(file) {}
  int file_;
};

}  // namespace patchbay::sqlite
