#include "files/file_replacement.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>

#include "files/owned_descriptor.hpp"

namespace patchbay::files {
namespace {

namespace fs = std::filesystem;

std::error_code last_error() {
  return {errno, std::generic_category()};
}

}  // namespace

std::error_code replace_file(const fs::path& file, std::string_view text, Durability durability) {
  fs::path fresh = file;
  fresh += ".new";
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  unlink(fresh.c_str());  // it may be a pipe
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << text << std::flush;
    if (!out) return last_error();
  }
  const bool durable = durability == Durability::disk;
  if (const auto failed = durable ? sync_to_disk(fresh) : std::error_code()) return failed;
  if (std::rename(fresh.c_str(), file.c_str()) != 0) return last_error();
  return durable ? sync_to_disk(file.parent_path()) : std::error_code();
}

std::error_code sync_to_disk(const fs::path& path) {
  const OwnedDescriptor opened(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open() || fsync(opened.get()) != 0) return last_error();
  return {};
}

}  // namespace patchbay::files
