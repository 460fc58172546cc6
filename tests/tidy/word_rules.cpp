#include <algorithm>
#include <array>
#include <cctype>

#include "code_view.hpp"
#include "rules.hpp"
#include "tokens.hpp"

namespace tidy {
namespace {

// The words are spelled in halves, so that this file obeys its own rules.
struct Word {
  std::string_view text;
  bool whole_end;  // nothing of a word may follow
  const char* what;
  const char* advice;
};

constexpr const char* kNote = "a note to oneself";
constexpr const char* kNoteAdvice = "do it, or leave it out";
constexpr std::array<Word, 6> kAnywhere{{
    {"TO"
     "DO",
     true, kNote, kNoteAdvice},
    {"FIX"
     "ME",
     true, kNote, kNoteAdvice},
    {"XX"
     "X",
     true, kNote, kNoteAdvice},
    {"HA"
     "CK",
     true, kNote, kNoteAdvice},
    {"/wo"
     "rk/",
     false, "a path of one machine", "use a path of the tree or a setting"},
    {"../sha"
     "red",
     false, "a path outside the tree", "bring what is needed into the tree"},
}};

constexpr const char* kSleepAdvice = "use eventually() of tests/support: it waits with a deadline";
constexpr const char* kSkipAdvice = "make it run or delete it: what is skipped proves nothing";
constexpr std::array<Word, 6> kInTests{{
    {"sleep_for", true, "a sleep in a test", kSleepAdvice},
    {"sleep_until", true, "a sleep in a test", kSleepAdvice},
    {"usleep", true, "a sleep in a test", kSleepAdvice},
    {"nanosleep", true, "a sleep in a test", kSleepAdvice},
    {"GTEST_SKIP", true, "a test that skips itself", kSkipAdvice},
    {"DISABLED_", false, "a test switched off", kSkipAdvice},
}};

constexpr Word kExampleTable{"todos", false, "the example's table in a general part",
                             "work from the schema: this part serves any table"};

void find_word(const SourceFile& file, std::string_view text, const Word& word, Findings& found) {
  for (std::size_t at = text.find(word.text); at != std::string_view::npos;
       at = text.find(word.text, at + 1)) {
    const std::size_t end = at + word.text.size();
    if (at > 0 && is_word_char(text[at - 1])) continue;
    if (word.whole_end && end < text.size() && is_word_char(text[end])) continue;
    found.push_back({file.path, line_at(text, at),
                     std::string(word.what) + " (" + std::string(word.text) + ")", word.advice});
  }
}

bool serves_any_table(const SourceFile& file) {
  return file.extension() != ".md" &&
         (file.is_in("core") || file.is_in("plugins") || file.is_in("host/backend"));
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Findings check_words(const SourceFile& file) {
  Findings found;
  for (const Word& word : kAnywhere) find_word(file, file.text, word, found);
  if (file.is_cpp() && file.is_in("tests")) {
    const CodeView view = split_code(file.text);
    const bool may_wait = file.is_in("tests/support");
    for (const Word& word : kInTests) {
      if (!may_wait || word.advice != kSleepAdvice) find_word(file, view.code, word, found);
    }
  }
  if (serves_any_table(file)) find_word(file, lower_case(file.text), kExampleTable, found);
  return found;
}

Findings check_page(const SourceFile& file) {
  if (!file.is_in("host/web")) return {};
  Findings found;
  for (const std::string_view scheme : {"http://", "https://", "=\"//", "url(//"}) {
    for (std::size_t at = file.text.find(scheme); at != std::string::npos;
         at = file.text.find(scheme, at + 1)) {
      const std::string_view rest = std::string_view(file.text).substr(at + scheme.size());
      const bool ours = rest.substr(0, 1) == "$" || rest.substr(0, 9) == "localhost" ||
                        rest.substr(0, 9) == "127.0.0.1" || rest.substr(0, 11) == "www.w3.org/";
      if (ours) continue;
      found.push_back({file.path, line_at(file.text, at), "an address outside the host",
                       "serve it from host/web: the page must work with no network"});
    }
  }
  return found;
}

}  // namespace tidy
