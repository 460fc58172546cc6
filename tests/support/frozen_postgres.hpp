// FrozenPostgres: holds a PostgreSQL server by SIGSTOP while it lives: its connections stay open
// and nobody answers, as with a disk or a virtual machine that hangs. Tests -> this -> the kernel.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <fstream>
#include <string>
#include <vector>

namespace patchbay::test {

class FrozenPostgres {
 public:
  explicit FrozenPostgres(pid_t postmaster) : ids_({postmaster}) {
    kill(postmaster, SIGSTOP);
    const std::string id = std::to_string(postmaster);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) ids_.push_back(child);
    for (const pid_t one : ids_) kill(one, SIGSTOP);
  }
  ~FrozenPostgres() {
    for (const pid_t id : ids_) kill(id, SIGCONT);
  }
  FrozenPostgres(const FrozenPostgres&) = delete;
  FrozenPostgres& operator=(const FrozenPostgres&) = delete;

 private:
  std::vector<pid_t> ids_;
};

}  // namespace patchbay::test
