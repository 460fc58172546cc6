// The process of one check, for the tests: `patchbay check` is one too, but has no sanitizer.
#include <string>

#include "check/one_check.hpp"

int main(int count, char** texts) {
  patchbay::check::OneCheck check;
  check.module = count > 1 ? texts[1] : "";
  for (int at = 2; at + 1 < count; at += 2) {
    const std::string name = texts[at];
    if (name == "--run-one") check.law = texts[at + 1];
    if (name == "--trial-directory") check.directory = texts[at + 1];
    if (name == "--setting") check.settings.emplace_back(texts[at + 1]);
  }
  return patchbay::check::prove_one(check);
}
