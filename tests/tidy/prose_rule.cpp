#include <algorithm>
#include <array>
#include <cctype>

#include "rules.hpp"

namespace tidy {
namespace {

// The words are spelled in halves, so that this file obeys its own rules.
struct Phrase {
  std::string_view text;  // in lower case
  bool is_stem;           // letters may follow
  const char* advice;
};

constexpr std::array<Phrase, 8> kPhrases{{
    {"new"
     "comer",
     true, "say successor"},
    {"he"
     "ir",
     false, "say successor"},
    {"an"
     "ew",
     false, "say again, or what is done"},
    {"for ev"
     "er",
     false, "say until when: until the process ends, until delivered"},
    {"as firm"
     "ly as",
     false, "say as durable as"},
    {"but fo"
     "r",
     false, "say except"},
    {"des"
     "k",
     true, "say what it does"},
    {"wis"
     "h",
     true, "say request, or what is asked for"},
}};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// In lower case, each comment mark and line break as blanks, so that a phrase is found where it is
/// wrapped. All else keeps its place.
std::string flowing(std::string_view text) {
  std::string flow(text);
  std::transform(flow.begin(), flow.end(), flow.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(flow.begin(), flow.end(), '\n', ' ');
  return flow;
}

/// Behind `phrase` at `at`, each of its blanks being any number of blanks and comment marks; npos
/// where something else is.
std::size_t behind(std::string_view flow, std::size_t at, std::string_view phrase) {
  constexpr std::string_view kBetween = " /<";
  for (const char c : phrase) {
    if (at >= flow.size() || flow[at] != c) return std::string_view::npos;
    at = c == ' ' ? std::min(flow.find_first_not_of(kBetween, at), flow.size()) : at + 1;
  }
  return at;
}

}  // namespace

Findings check_prose(const SourceFile& file) {
  if (!file.is_cpp()) return {};
  Findings found;
  const std::string flow = flowing(file.text);
  for (const Phrase& phrase : kPhrases) {
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
