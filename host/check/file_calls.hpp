// The system calls that change files: which of them may leave a file half written when a process is
// killed before the call. A stopped process -> here -> the tracer that counts them. No state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>

namespace patchbay::check {

/// Says whether the call that `thread` is about to make changes a file below `directory`, which is
/// canonical. A call that names its file by a path, and one that flushes memory, counts wherever
/// that file is. Opening a file does not count: what follows it does, and finds the file as opening
/// left it, made or emptied.
[[nodiscard]] bool changes_file(pid_t thread, std::uint64_t call,
                                std::span<const std::uint64_t, 6> arguments,
                                const std::filesystem::path& directory);

}  // namespace patchbay::check
