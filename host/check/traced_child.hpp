// A forked child whose changes of files are counted from outside, and that is killed before the
// n-th of them: what kill -9 between two system calls leaves. The child asks to be traced; its
// parent traces it until it has ended. Law 7 -> here -> ptrace. One traced child at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>

namespace patchbay::check {

/// Stops the calling process, a forked child, until its parent traces it. False where the system
/// refuses that, as a container's policy may.
[[nodiscard]] bool stop_for_tracer();

/// How a traced child ended.
struct TracedEnd {
  bool traced = false;      ///< False: the child could not be traced, and ran to its own end.
  int status = 0;           ///< How the child ended, as waitpid says.
  std::size_t changes = 0;  ///< Changes of files below the directory, up to the end.
};

/// Traces the child from stop_for_tracer to its end, and waits for it. Kills it before its change
/// number `kill_before` of a file below `directory`, counted from 1; 0 only counts. A container's
/// policy, or a kernel older than Linux 5.3, may not allow it.
[[nodiscard]] TracedEnd trace_child(pid_t child, const std::filesystem::path& directory,
                                    std::size_t kill_before);

}  // namespace patchbay::check
