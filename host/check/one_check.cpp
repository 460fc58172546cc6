#include "check/one_check.hpp"

#include <exception>
#include <fstream>

#include "check/laws/laws.hpp"

namespace patchbay::check {
namespace {

constexpr const char* kThrough = "through";

Subject::Settings named(const std::vector<std::string>& settings) {
  Subject::Settings all;
  for (const std::string& one : settings) {
    const std::size_t equals = one.find('=');
    all[one.substr(0, equals)] = equals == std::string::npos ? "" : one.substr(equals + 1);
  }
  return all;
}

}  // namespace

std::vector<std::string> arguments_of(const OneCheck& check) {
  std::vector<std::string> arguments{check.module.string(), "--run-one", check.law,
                                     "--trial-directory", check.directory.string()};
  for (const std::string& setting : check.settings) {
    arguments.insert(arguments.end(), {"--setting", setting});
  }
  return arguments;
}

int prove_one(const OneCheck& check) {
  const Law* law = find_law(check.law);
  if (law == nullptr) return 2;
  Trial trial(check.directory);
  {
    const auto subject = Subject::load(check.module, named(check.settings));
    if (!subject) {
      trial.fail(subject.error().message);
    } else {
      try {
        law->prove(*subject, trial);
      } catch (const std::exception& thrown) {
        trial.fail(thrown.what());
      }
    }
  }
  std::ofstream(check.directory / kThrough) << law->id;
  return 0;
}

bool is_through(const std::filesystem::path& directory) {
  return std::filesystem::exists(directory / kThrough);
}

}  // namespace patchbay::check
