#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "rules.hpp"

namespace tidy {
namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool is_capital(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}

/// In lower case, with a blank for each line break. All keeps its place.
std::string flowing(std::string_view text) {
  std::string flow(text);
  std::transform(flow.begin(), flow.end(), flow.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(flow.begin(), flow.end(), '\n', ' ');
  return flow;
}

/// True between two words, which may be those of a name: at a sign, or at the capital of "IsRead"
/// and of "AFile".
bool is_between_words(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size() || !is_letter(text[at - 1]) || !is_letter(text[at])) return true;
  const bool small_follows =
      at + 1 < text.size() && is_letter(text[at + 1]) && !is_capital(text[at + 1]);
  return is_capital(text[at]) && (!is_capital(text[at - 1]) || small_follows);
}

/// The end of `phrase` at `at`, npos where something else is. For each of its blanks there may be
/// blanks, quotes and comment marks, or nothing where a name has its next word.
std::size_t behind(const SourceFile& file, std::string_view flow, std::size_t at,
                   std::string_view phrase) {
  constexpr std::string_view kBetween = " /<*#\"";
  bool within_word = false;
  for (const char c : phrase) {
    if (c == ' ') {
      const std::size_t next = std::min(flow.find_first_not_of(kBetween, at), flow.size());
      if (next == at && !is_between_words(file.text, at)) return std::string_view::npos;
      at = next;
    } else {
      if (at >= flow.size() || flow[at] != c) return std::string_view::npos;
      if (within_word && is_between_words(file.text, at)) return std::string_view::npos;
      ++at;
    }
    within_word = c != ' ';
  }
  return at;
}

/// The word that ends before `end`, which becomes its start.
std::string_view word_before(std::string_view flow, std::size_t& end) {
  while (end > 0 && !is_letter(flow[end - 1])) --end;
  const std::size_t behind_it = end;
  while (end > 0 && is_letter(flow[end - 1])) --end;
  return flow.substr(end, behind_it - end);
}

std::string_view word_after(std::string_view flow, std::size_t at) {
  while (at < flow.size() && !is_letter(flow[at])) ++at;
  std::size_t end = at;
  while (end < flow.size() && is_letter(flow[end])) ++end;
  return flow.substr(at, end - at);
}

/// True for "there is no", "there may be no", and "is no longer".
bool is_idiom(std::string_view flow, std::size_t at, std::size_t end) {
  constexpr std::array<std::string_view, 4> kComparisons{"longer", "more", "less", "later"};
  const std::string_view next = word_after(flow, end);
  for (const std::string_view comparison : kComparisons) {
    if (next.starts_with(comparison)) return true;
  }
  for (int word = 0; word < 3; ++word) {
    if (word_before(flow, at).ends_with("there")) return true;
  }
  return false;
}

/// The text of a doc comment that starts on this line; "" where none does. `within`: the line
/// before is one of a doc comment, and then whether this one is.
std::string_view doc_comment(const SourceFile& file, std::string_view line, bool& within) {
  const std::string_view mark = file.is_cpp() ? "///" : "/**";
  const std::size_t start = std::min(line.find_first_not_of(' '), line.size());
  const bool fills_line = line.substr(start, mark.size()) == mark;
  const bool continues = std::exchange(within, fills_line && file.is_cpp());
  if (fills_line) return continues ? "" : line.substr(std::min(start + 4, line.size()));
  const std::size_t member = file.is_cpp() ? line.find("///< ") : std::string_view::npos;
  return member == std::string_view::npos ? "" : line.substr(member + 5);
}

/// The start of `text` if it is a pronoun or a conjunction; else "".
std::string_view unclear_start(std::string_view text) {
  constexpr std::array<std::string_view, 22> kUnclear{
      "It",      "Its",  "They",     "Them",      "Their",   "What",     "Whatever", "Who",
      "Whoever", "That", "This",     "These",     "Those",   "He",       "Or",       "And",
      "But",     "So",   "One that", "One which", "One who", "One whose"};
  for (const std::string_view word : kUnclear) {
    if (!text.starts_with(word)) continue;
    if (text.size() == word.size() || !is_letter(text[word.size()])) return word;
  }
  return {};
}

}  // namespace

// The words are spelled in halves, so that this file obeys its own rules.
const std::vector<Phrase>& banned_phrases() {
  static const std::vector<Phrase> all = [] {
    std::vector<Phrase> phrases{
        {"an"
         "ew",
         PhraseKind::words, "say again"},
        {"afr"
         "esh",
         PhraseKind::words, "say again"},
        {"for ev"
         "er",
         PhraseKind::words, "say indefinitely, or until when"},
        {"at on"
         "ce",
         PhraseKind::words, "say immediately, or together"},
        {"but fo"
         "r",
         PhraseKind::words, "say except"},
        {"newco"
         "mer",
         PhraseKind::stem, "say successor"},
        {"late"
         "comer",
         PhraseKind::stem, "say late subscriber"},
        {"he"
         "ir",
         PhraseKind::words, "say successor"},
        {"he"
         "irs",
         PhraseKind::words, "say successors"},
        {"as firm"
         "ly as",
         PhraseKind::words, "say as durable as"},
    };
    for (const char* metaphor : {"des"
                                 "k",
                                 "des"
                                 "ks",
                                 "wis"
                                 "h",
                                 "wis"
                                 "hes"}) {
      phrases.push_back({metaphor, PhraseKind::words, "say what it does"});
    }
    for (const char* go : {"go", "goes", "going", "gone", "went"}) {
      phrases.push_back({std::string(go) + " on", PhraseKind::words, "say continue"});
    }
    for (const char* be : {"is", "are", "was", "were", "be"}) {
      phrases.push_back({std::string(be) + " no", PhraseKind::negation, "say is not a"});
    }
    return phrases;
  }();
  return all;
}

Findings check_prose(const SourceFile& file, const std::vector<Phrase>& phrases) {
  Findings found;
  const std::string flow = flowing(file.text);
  for (const Phrase& phrase : phrases) {
    const std::string first = phrase.text.substr(0, phrase.text.find(' '));
    for (std::size_t at = flow.find(first); at != std::string::npos;
         at = flow.find(first, at + 1)) {
      const std::size_t end = behind(file, flow, at, phrase.text);
      if (end == std::string_view::npos) continue;
      const bool whole = is_between_words(file.text, at) && is_between_words(file.text, end);
      if (phrase.kind != PhraseKind::stem && !whole) continue;
      if (phrase.kind == PhraseKind::negation && is_idiom(flow, at, end)) continue;
      found.push_back(
          {file.path, line_at(file.text, at), "the word \"" + phrase.text + "\"", phrase.advice});
    }
  }
  return found;
}

Findings check_doc_comments(const SourceFile& file) {
  const bool is_script = file.extension() == ".js" || file.extension() == ".mjs";
  if (!file.is_cpp() && !is_script) return {};
  Findings found;
  std::size_t number = 0;
  bool within = false;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    const std::string_view text =
        number == 1 && line.starts_with("// ") ? line.substr(3) : doc_comment(file, line, within);
    const std::string_view word = unclear_start(text);
    if (word.empty()) continue;
    found.push_back({file.path, number,
                     "a doc comment that starts with \"" + std::string(word) + "\"",
                     "start with a verb or a noun: it must be clear without the name below it"});
  }
  return found;
}

}  // namespace tidy
