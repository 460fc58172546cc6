#include "backend/database_probe.hpp"

#include "backend/tuning.hpp"

namespace patchbay::backend {

DatabaseProbe::DatabaseProbe(std::string database_url)
    : database_(std::move(database_url)),
      trouble_("The database has not answered yet; ask again in a moment.") {}

void DatabaseProbe::begin() {
  const std::lock_guard lock(mutex_);
  answered_ = std::chrono::steady_clock::now();
  thread_ = std::thread([this] { run(); });
}

DatabaseProbe::~DatabaseProbe() {
  stop();
}

std::string DatabaseProbe::trouble() const {
  const std::lock_guard lock(mutex_);
  if (std::chrono::steady_clock::now() - kProbePatience <= answered_) return trouble_;
  return "The database keeps its connections open and does not answer; look whether its process is "
         "stopped or its disk hangs.";
}

void DatabaseProbe::begin_stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  database_.session.sever();
}

void DatabaseProbe::stop() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
}

void DatabaseProbe::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    std::string trouble = ask();
    lock.lock();
    trouble_ = std::move(trouble);
    answered_ = std::chrono::steady_clock::now();
    changed_.wait_for(lock, kProbeInterval, [this] { return stopping_; });
  }
}

std::string DatabaseProbe::ask() {
  for (int attempt = 0;; ++attempt) {
    auto ready = database_.ready();
    auto recovering = ready ? database_.session.run_script("SELECT pg_is_in_recovery()")
                            : SqlResult<Rows>(tl::make_unexpected(ready.error()));
    if (recovering && recovering->text(0, 0) == "f") return "";
    if (recovering) {
      return "The database is a standby and takes no writes; point the backend at the primary.";
    }
    // A session may have died since it was last used: another one tells whether the database has.
    if (!recovering.error().lost || attempt > 0) return recovering.error().message;
  }
}

}  // namespace patchbay::backend
