// Steps that every fork of this process shares, with a program of its own or without one. The first
// two are for the child and allocate no memory; collect is for its parent. No state.
#pragma once

#include <grp.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace patchbay::process {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

/// Changes to the user and its group, with no other groups. False, with errno, where it may not.
[[nodiscard]] inline bool change_user(const User& user) noexcept {
  return setgroups(1, &user.gid) == 0 && setgid(user.gid) == 0 && setuid(user.uid) == 0;
}

/// Has the kernel send the signal when the thread that forked ends. A change of user clears it.
/// False, with errno or 0, where that fails or `parent` has ended before.
[[nodiscard]] inline bool die_with(pid_t parent, int signal) noexcept {
  errno = 0;
  return prctl(PR_SET_PDEATHSIG, signal) == 0 && getppid() == parent;
}

/// Waits for the end of a child, whose id is free after that. Returns its status, as waitpid says.
inline int collect(pid_t child) noexcept {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace patchbay::process
