#include "log/secrets.hpp"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <vector>

namespace patchbay::log {
namespace {

constexpr std::string_view kShownInstead = "…";

struct Secrets {
  std::shared_mutex mutex;  // lines are written by any thread, secrets made while the host starts
  std::vector<std::string> texts;  // the longest first: one may hold another
};

Secrets& secrets() {
  static Secrets all;
  return all;
}

void replace_all(std::string& text, const std::string& secret) {
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;
       at += kShownInstead.size()) {
    text.replace(at, secret.size(), kShownInstead);
  }
}

}  // namespace

void hide(std::string_view secret) {
  if (secret.size() < kHiddenBytesMin) return;
  const std::unique_lock lock(secrets().mutex);
  auto& texts = secrets().texts;
  if (std::ranges::find(texts, secret) != texts.end()) return;
  texts.emplace_back(secret);
  std::ranges::sort(texts, std::ranges::greater{}, &std::string::size);
}

std::string hidden(std::string_view text) {
  std::string shown(text);
  const std::shared_lock lock(secrets().mutex);
  for (const std::string& secret : secrets().texts) replace_all(shown, secret);
  return shown;
}

}  // namespace patchbay::log
