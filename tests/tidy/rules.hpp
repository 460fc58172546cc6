// The house rules that a machine can check, one function each: from a file → to what is wrong in
// it and what to do. Pure: no rule reads more than it is given. tree_test runs them over the tree.
#pragma once

#include "source_tree.hpp"

namespace tidy {

// 500 lines (tests 600, CMakeLists.txt and main.cpp 60), 100 columns, no tabs, no trailing blanks,
// a line break at the end. Prose and JSON may have long lines.
Findings check_layout(const SourceFile& file);

// `#pragma once` and a head comment.
Findings check_header(const SourceFile& file);

// 60 lines, 5 parameters, 4 nested blocks.
Findings check_functions(const SourceFile& file);

// Types and files whose name says nothing.
Findings check_names(const SourceFile& file);

// Words that do not belong: notes to oneself, sleeps and skips in tests, the example's table in
// the general parts, places of the machine it was written on.
Findings check_words(const SourceFile& file);

// How a phrase is looked for: `words` as whole words, in names too ("FetchedAgain"), `stem` with
// letters around it, `negation` as words, except in "there is no" and "is no longer".
enum class PhraseKind { words, stem, negation };
// Words of comments, messages and names for which there are plainer ones.
struct Phrase {
  std::string text;  // in lower case
  PhraseKind kind = PhraseKind::words;
  const char* advice = "";
};
// The phrases that the tree is free of.
const std::vector<Phrase>& banned_phrases();
// Phrases in any file, in any case, wrapped ones too.
Findings check_prose(const SourceFile& file, const std::vector<Phrase>& phrases);

// A doc comment (`///`, in scripts `/**`), or a head comment, that starts with a pronoun or a
// conjunction.
Findings check_doc_comments(const SourceFile& file);

// Which folder may include which library and which other folder. `tree` resolves "own/file.hpp".
Findings check_includes(const SourceFile& file, const SourceTree& tree);

// A folder of core/src includes itself and the floors it stands on; the table is in floor_rule.cpp.
Findings check_floors(const SourceFile& file);

// core/include/patchbay without its folders, which every pattern must know, has at most 650 lines
// of code: blank lines and comments are not counted.
Findings check_contract_size(const SourceTree& tree);

// One class, one .cpp: no two .cpp files of a folder define members of the same class. A class that
// stands in a .cpp is that file's own.
Findings check_classes(const SourceTree& tree);

// The page loads nothing from elsewhere.
Findings check_page(const SourceFile& file);

// docker-compose.yml and Dockerfile: versions are named, ports stay on this machine, and what they
// mount, set and call is there.
Findings check_containers(const SourceFile& file, const SourceTree& tree);

// docs/pattern-laws.md: each law (a heading with a number) names its check ("Check: `id`") and, in
// `Backticks.LikeThis`, the tests that prove it; these are there, and no check of
// host/check/laws/laws.cpp is left out.
Findings check_laws(const SourceFile& file, const SourceTree& tree);

// docs/patterns.md: the tables of traps name a test in every cell, have a column for every pattern
// of plugins/, and leave out none of the tests that play traps; all these tests are there.
Findings check_traps(const SourceFile& file, const SourceTree& tree);

}  // namespace tidy
