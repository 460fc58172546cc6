#include "e2e/deployment.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::test {
namespace {

std::string at(const std::string& port) {
  return "http://127.0.0.1:" + port;
}

std::string pattern_toml(const std::string& pattern) {
  const auto equals = pattern.find('=');
  const auto plus = pattern.find('+');
  const std::string name = pattern.substr(0, std::min(equals, plus));
  std::string text = "[[pattern]]\nname = \"" + name + "\"\n";
  if (equals != std::string::npos) {
    text += "module = \"" + pattern.substr(equals + 1, plus - equals - 1) + "\"\n";
  }
  if (plus != std::string::npos) text += "on_reject = \"dependents\"\n";
  return text;
}

}  // namespace

Deployment::Deployment(const std::string& setup, std::vector<std::string> tables)
    : postgres_(setup), tables_(std::move(tables)) {
  start_sync();
  start_backend();
}

Deployment::~Deployment() = default;

void Deployment::start_sync() {
  HostProcess::Arguments arguments = {"sync",     "--database-url", database(),    "--port",
                                      sync_port_, "--directory",    *this / "sync"};
  for (const std::string& table : tables_) {
    arguments.insert(arguments.end(), {"--table", table});
  }
  sync_ = std::make_unique<HostProcess>(arguments);
  sync_port_ = sync_->port("sync service");
}

void Deployment::restart_sync() {
  sync_->kill();
  std::filesystem::remove_all(*this / "sync");
  start_sync();
}

void Deployment::stop_backend() {
  backend_->kill();
}

void Deployment::start_backend() {
  HostProcess::Arguments arguments = {"backend",     "--database-url", database(),    "--port",
                                      backend_port_, "--electric-url", at(sync_port_)};
  for (const std::string& table : tables_) {
    arguments.insert(arguments.end(), {"--table", table});
  }
  backend_ = std::make_unique<HostProcess>(arguments);
  backend_port_ = backend_->port("backend");
}

std::string Deployment::backend_url() const {
  return at(backend_port_);
}

std::unique_ptr<HostProcess> Deployment::start_host(const std::string& directory,
                                                    const std::vector<std::string>& patterns,
                                                    const HostProcess::Environment& environment,
                                                    const std::string& backend_url) const {
  std::string config;
  for (const std::string& pattern : patterns) config += pattern_toml(pattern);
  std::string name = "patchbay";
  for (const std::string& pattern : patterns) name += "-" + pattern;
  HostProcess::Arguments more = {
      "--config",       postgres_.directory().file(name + ".toml", config),
      "--electric-url", at(sync_port_),
      "--backend-url",  backend_url.empty() ? this->backend_url() : backend_url};
  for (const std::string& table : tables_) more.insert(more.end(), {"--table", table});
  return std::make_unique<HostProcess>(run_in(directory, more), environment);
}

}  // namespace patchbay::test
