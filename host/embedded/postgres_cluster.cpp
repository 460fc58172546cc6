#include "postgres_cluster.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <patchbay/kit/ascii.hpp>
#include <sstream>

#include "files/error_text.hpp"
#include "postgres_programs.hpp"
#include "process/child_process.hpp"
#include "tuning.hpp"

namespace patchbay::embedded {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> unusable(const fs::path& path, const std::string& why) {
  return failure(ErrorCode::rejected, "The PostgreSQL directory " + path.string() +
                                          " cannot be used: " + why +
                                          ". Make it usable or choose another directory.");
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string random_hex() {
  std::array<unsigned char, 16> bytes = {};
  while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
  }
  std::string digits;
  for (const unsigned char byte : bytes) text::append_hex(digits, byte);
  return digits;
}

/// Makes the directory and its parents, which every user may traverse, whatever the umask.
std::error_code make_directories(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory, error)) return error;
  if (const auto failed = make_directories(directory.parent_path())) return failed;
  if (fs::create_directory(directory, error)) {
    fs::permissions(directory, fs::perms(0755), error);
  }
  return error;
}

/// True when the directory is empty or has what only a cluster has: then it takes nothing from its
/// owner to give it to another user.
bool is_ours(const fs::path& directory) {
  std::error_code error;
  return fs::is_empty(directory, error) || fs::exists(directory / "lock", error);
}

}  // namespace

Result<std::unique_ptr<PostgresCluster>> PostgresCluster::open(
    const PrivatePostgresOptions& options) {
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster);
  std::error_code error;
  cluster->directory_ = fs::weakly_canonical(fs::absolute(options.directory, error), error);
  if (options.directory.empty() || error)
    return unusable(options.directory, "it has no valid path");
  auto user = choose_user(cluster->data());
  if (!user) return tl::unexpected(user.error());
  cluster->user_ = std::move(*user);
  return cluster->prepare_directory()
      .and_then([&] { return cluster->take_lock(); })
      .and_then([&] { return cluster->find_programs(options.binaries); })
      .and_then([&] { return cluster->create_if_missing(options.fsync); })
      .map([&] { return std::move(cluster); });
}

Result<void> PostgresCluster::prepare_directory() {
  auto error = make_directories(directory_);
  if (error) return unusable(directory_, error.message());
  if (!fs::is_directory(directory_)) return unusable(directory_, "it is not a directory");
  if (!user_) {
    if (is_ours(directory_)) fs::permissions(directory_, fs::perms::owner_all, error);
    return error ? unusable(directory_, error.message()) : Result<void>{};
  }
  const auto blocked = untraversable_parent(directory_.parent_path(), *user_);
  if (blocked) {
    return unusable(directory_, "PostgreSQL runs as user '" + user_->name +
                                    "', which may not enter " + blocked->string());
  }
  if (!is_ours(directory_)) {
    return unusable(directory_, "it holds other files, and it would have to be given to user '" +
                                    user_->name + "'");
  }
  if (chown(directory_.c_str(), user_->uid, user_->gid) != 0 ||
      chmod(directory_.c_str(), 0700) != 0) {
    return unusable(directory_, files::error_text(errno));
  }
  return {};
}

Result<void> PostgresCluster::take_lock() {
  const fs::path path = directory_ / "lock";
  lock_ =
      files::OwnedDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_.is_open()) return unusable(directory_, "its file lock: " + files::error_text(errno));
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = read_text(path);
    return failure(ErrorCode::rejected, "The PostgreSQL directory " + directory_.string() +
                                            " is in use by another patchbay (process " + holder +
                                            "): stop that one or choose another directory.");
  }
  const std::string id = std::to_string(getpid());
  if (ftruncate(lock_.get(), 0) != 0 || pwrite(lock_.get(), id.data(), id.size(), 0) < 0) {
    return unusable(directory_, "its file lock: " + files::error_text(errno));
  }
  return {};
}

Result<void> PostgresCluster::find_programs(const fs::path& wanted) {
  std::error_code error;
  const bool exists = fs::exists(data(), error);
  if (error) return unusable(directory_, error.message());
  const int major = exists ? std::atoi(read_text(data() / "PG_VERSION").c_str()) : 0;
  if (exists && major == 0) {
    return unusable(data(), "it has no PostgreSQL cluster (PG_VERSION is missing)");
  }
  auto found = find_postgres_programs(wanted, major, data());
  if (!found) return tl::unexpected(found.error());
  binaries_ = std::move(*found);
  return {};
}

Result<void> PostgresCluster::create_if_missing(bool fsync) {
  const bool exists = fs::exists(data());
  return read_or_make_password(exists).and_then(
      [&]() -> Result<void> { return exists ? Result<void>{} : run_initdb(fsync); });
}

Result<void> PostgresCluster::read_or_make_password(bool data_exists) {
  const fs::path path = directory_ / "password";
  password_ = read_text(path);
  if (!password_.empty()) return {};
  if (data_exists) {
    return unusable(directory_, "the file 'password' of its superuser is missing or unreadable");
  }
  const std::string password = random_hex();
  const files::OwnedDescriptor opened(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const int file = opened.get();
  if (!opened.is_open())
    return unusable(directory_, "its file password: " + files::error_text(errno));
  const bool written =
      write(file, password.data(), password.size()) == static_cast<ssize_t>(password.size()) &&
      (!user_ || fchown(file, user_->uid, user_->gid) == 0) && fsync(file) == 0;
  if (!written) return unusable(directory_, "its file password: " + files::error_text(errno));
  password_ = password;
  return {};
}

Result<void> PostgresCluster::run_initdb(bool fsync) {
  const fs::path fresh = directory_ / "data.new";
  std::error_code error;
  fs::remove_all(fresh, error);
  if (error) return unusable(fresh, error.message());
  process::Command command;
  command.program = binaries_ / "initdb";
  command.arguments = {"-D",
                       fresh.string(),
                       "-U",
                       kSuperuser,
                       "--encoding=UTF8",
                       "--locale=C",
                       "--auth=scram-sha-256",
                       "--pwfile=" + (directory_ / "password").string()};
  if (!fsync) command.arguments.emplace_back("--no-sync");
  command.user = user_;
  command.working_directory = directory_;
  if (auto made = process::run_command(command); !made) {
    return unusable(directory_, "a new cluster could not be made: " + made.error().message);
  }
  fs::rename(fresh, data(), error);
  if (error) return unusable(data(), error.message());
  return {};
}

Result<files::OwnedDescriptor> PostgresCluster::open_log() const {
  const fs::path path = directory_ / "postgres.log";
  std::error_code ignored;
  if (fs::file_size(path, ignored) > tuning::kPostgresLogBytesMax && !ignored) {
    fs::rename(path, directory_ / "postgres.log.1", ignored);
  }
  files::OwnedDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open())
    return unusable(directory_, "its file postgres.log: " + files::error_text(errno));
  return file;
}

std::string PostgresCluster::log_since(std::int64_t start) const {
  const std::string text = read_text(directory_ / "postgres.log");
  const auto begin = std::min(static_cast<std::size_t>(start), text.size());
  if (text.size() - begin <= tuning::kPostgresLogShownBytes) return text.substr(begin);
  const auto line = text.find('\n', text.size() - tuning::kPostgresLogShownBytes);
  return line == std::string::npos ? text.substr(begin) : text.substr(line + 1);
}

}  // namespace patchbay::embedded
