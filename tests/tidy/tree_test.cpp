// Runs every rule over the tree.
#include <gtest/gtest.h>

#include <algorithm>

#include "rules.hpp"
#include "test_paths.hpp"

namespace tidy {
namespace {

const SourceTree& tree() {
  static const SourceTree files = read_tree(PATCHBAY_SOURCE_DIR);
  return files;
}

template <typename Rule>
void expect_none(Rule rule) {
  Findings all;
  for (const SourceFile& file : tree()) {
    for (Finding& found : rule(file)) all.push_back(std::move(found));
  }
  if (!all.empty()) ADD_FAILURE() << all.size() << " findings\n" << print(all);
}

TEST(Tree, IsFoundWithItsParts) {
  for (const std::string_view folder :
       {"core", "sim", "host", "plugins", "tests", "scripts", "cmake"}) {
    const bool found = std::any_of(tree().begin(), tree().end(),
                                   [&](const SourceFile& file) { return file.is_in(folder); });
    EXPECT_TRUE(found) << "no file found in " << folder;
  }
}

TEST(Tree, KeepsTheLayout) {
  expect_none(check_layout);
}

TEST(Tree, HasHeadsOnItsHeaders) {
  expect_none(check_header);
}

TEST(Tree, KeepsFunctionsSmall) {
  expect_none(check_functions);
}

TEST(Tree, NamesThingsByWhatTheyDo) {
  expect_none(check_names);
}

TEST(Tree, HasNoBannedWords) {
  expect_none(check_words);
}

TEST(Tree, UsesPlainWords) {
  expect_none([](const SourceFile& file) { return check_prose(file, banned_phrases()); });
}

TEST(Tree, StartsDocCommentsWithAVerbOrANoun) {
  expect_none(check_doc_comments);
}

TEST(Tree, IncludesOnlyWhatEachFolderMay) {
  expect_none([](const SourceFile& file) { return check_includes(file, tree()); });
}

TEST(Tree, ClimbsNoFloorOfTheCore) {
  expect_none(check_floors);
}

TEST(Tree, HasOneSourceFileForEachClass) {
  const Findings found = check_classes(tree());
  EXPECT_TRUE(found.empty()) << print(found);
}

TEST(Tree, KeepsTheContractSmall) {
  const Findings found = check_contract_size(tree());
  EXPECT_TRUE(found.empty()) << print(found);
}

TEST(Tree, StartsContainersWithWhatThereIs) {
  expect_none([](const SourceFile& file) { return check_containers(file, tree()); });
}

TEST(Tree, ProvesEachLaw) {
  expect_none([](const SourceFile& file) { return check_laws(file, tree()); });
}

TEST(Tree, PlaysEachTrapUnderEachPattern) {
  expect_none([](const SourceFile& file) { return check_traps(file, tree()); });
}

TEST(Tree, KeepsThePageFreeOfForeignAddresses) {
  expect_none(check_page);
}

}  // namespace
}  // namespace tidy
