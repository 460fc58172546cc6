#include <algorithm>
#include <cctype>

#include "rules.hpp"

namespace tidy {
namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// In lower case, with a blank for each line break. All keeps its place.
std::string flowing(std::string_view text) {
  std::string flow(text);
  std::transform(flow.begin(), flow.end(), flow.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(flow.begin(), flow.end(), '\n', ' ');
  return flow;
}

/// The end of `phrase` at `at`, where blanks and comment marks may stand for each of its blanks;
/// npos where something else is.
std::size_t behind(std::string_view flow, std::size_t at, std::string_view phrase) {
  constexpr std::string_view kBetween = " /<";
  for (const char c : phrase) {
    if (at >= flow.size() || flow[at] != c) return std::string_view::npos;
    at = c == ' ' ? std::min(flow.find_first_not_of(kBetween, at), flow.size()) : at + 1;
  }
  return at;
}

}  // namespace

// The words are spelled in halves, so that this file obeys its own rules.
const std::vector<Phrase>& banned_phrases() {
  static const std::vector<Phrase> all{
      {"he"
       "ir",
       false, "say successor"},
      {"he"
       "irs",
       false, "say successors"},
      {"as firm"
       "ly as",
       false, "say as durable as"},
  };
  return all;
}

Findings check_prose(const SourceFile& file, const std::vector<Phrase>& phrases) {
  if (!file.is_cpp()) return {};
  Findings found;
  const std::string flow = flowing(file.text);
  for (const Phrase& phrase : phrases) {
    const std::string_view first = phrase.text.substr(0, phrase.text.find(' '));
    for (std::size_t at = flow.find(first); at != std::string::npos;
         at = flow.find(first, at + 1)) {
      const std::size_t end = behind(flow, at, phrase.text);
      if (end == std::string_view::npos) continue;
      const bool starts = phrase.is_stem || at == 0 || !is_letter(flow[at - 1]);
      const bool ends = phrase.is_stem || end == flow.size() || !is_letter(flow[end]);
      if (!starts || !ends) continue;
      found.push_back({file.path, line_at(file.text, at),
                       "the word \"" + std::string(phrase.text) + "\"", phrase.advice});
    }
  }
  return found;
}

}  // namespace tidy
