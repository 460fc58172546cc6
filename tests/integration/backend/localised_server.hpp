// LocalisedServer: lets the server of this test executable speak German, French and Spanish, which
// needs locales that the machine may not have. Languages test → this → localedef and PATH. One
// static object, made before GoogleTest starts the server: puts first in PATH a directory with the
// server's programs that look for locales there, and removes the directory at the end.
#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "embedded/postgres_programs.hpp"

namespace patchbay::test {

class LocalisedServer {
 public:
  LocalisedServer() {
    std::string name = "/tmp/patchbay-locales-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory under /tmp");
    directory_ = name;
    chmod(name.c_str(), 0755);  // the server's user must pass
    const auto programs = embedded::find_postgres_programs({}, 0, {});
    if (!programs) throw std::runtime_error(programs.error().message);
    for (const char* program : {"postgres", "initdb"}) {
      const std::filesystem::path path = directory_ / program;
      std::ofstream(path) << "#!/bin/sh\nLOCPATH=" << name << " exec "
                          << (*programs / program).string() << " \"$@\"\n";
      chmod(path.c_str(), 0755);
    }
    setenv("PATH", (name + ":" + std::getenv("PATH")).c_str(), 1);
  }
  ~LocalisedServer() { std::filesystem::remove_all(directory_); }
  LocalisedServer(const LocalisedServer&) = delete;
  LocalisedServer& operator=(const LocalisedServer&) = delete;

  /// Makes the locale "<language>.UTF-8" unless it is made. The package `locales` has its source.
  void make_locale(const std::string& language) const {
    const std::string path = (directory_ / (language + ".UTF-8")).string();
    if (std::filesystem::exists(path)) return;
    const std::string command =
        "localedef -i " + language + " -f UTF-8 --no-archive --no-warnings=all " + path;
    if (std::system(command.c_str()) != 0) {
      throw std::runtime_error("no locale " + language + "; install the package locales");
    }
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace patchbay::test
