// hop_trace: lists each hand-over of work from one thread to another, for the test that keeps the
// list of docs/architecture.md true. Whatever hands work over calls note_hop() just before.
//
//   PATCHBAY_TRACE_HOPS=<file>   appends a line a hop: the callers' addresses in the program's file
//
// Compiled in unless the build type is Release: there note_hop() is empty. No part of the SDK.
#pragma once

#ifdef PATCHBAY_HOP_TRACE
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#endif

namespace patchbay {

#ifdef PATCHBAY_HOP_TRACE

namespace tracing {

inline int open_trace() noexcept {
  const char* path = std::getenv("PATCHBAY_TRACE_HOPS");
  return path == nullptr ? -1 : ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// The callers of this function, each as the offset of its return address: "0x1f3 0x8a20 ...".
/// Those in shared libraries are left out.
inline std::string callers() {
  std::array<void*, 24> addresses{};
  const int count = ::backtrace(addresses.data(), static_cast<int>(addresses.size()));
  Dl_info here{};
  ::dladdr(reinterpret_cast<void*>(&open_trace), &here);
  const auto begin = reinterpret_cast<std::uintptr_t>(here.dli_fbase);
  std::string line;
  for (void* const address : std::span(addresses).first(static_cast<std::size_t>(count))) {
    Dl_info caller{};
    if (::dladdr(address, &caller) == 0 || caller.dli_fbase != here.dli_fbase) continue;
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "0x%zx ",
                  std::size_t{reinterpret_cast<std::uintptr_t>(address) - begin});
    line += text.data();
  }
  return line;
}

}  // namespace tracing

/// Called by whoever is about to hand work to another thread. [any thread]
inline void note_hop() {
  static const int kTrace = tracing::open_trace();
  if (kTrace < 0) return;
  const std::string line = tracing::callers() + "\n";
  static_cast<void>(!::write(kTrace, line.data(), line.size()));
}

#else

/// Does nothing in a release build. [any thread]
inline void note_hop() {}

#endif

}  // namespace patchbay
