#include <cctype>
#include <set>

#include "rules.hpp"
#include "test_names.hpp"

namespace tidy {
namespace {

constexpr std::string_view kLaws = "docs/pattern-laws.md";
constexpr std::string_view kChecks = "host/check/laws/laws.cpp";

bool begins_law(std::string_view line) {
  const std::size_t at = line.find_first_not_of('#');
  return at != std::string_view::npos && at > 0 && at + 1 < line.size() && line[at] == ' ' &&
         std::isdigit(static_cast<unsigned char>(line[at + 1])) != 0;
}

// What stands between `open` and the next `close`; nothing where the line starts otherwise.
std::string between(std::string_view line, std::string_view open, char close) {
  if (line.substr(0, open.size()) != open) return {};
  const std::string_view rest = line.substr(open.size());
  return std::string(rest.substr(0, rest.find(close)));
}

// The ids in the table of the code: the first text of each entry.
std::set<std::string> checks_of(const SourceTree& tree) {
  std::set<std::string> ids;
  for (const SourceFile& file : tree) {
    if (file.path != kChecks) continue;
    for (const std::string_view line : lines_of(file.text)) {
      std::string id = between(line, "    {\"", '"');
      if (!id.empty()) ids.insert(std::move(id));
    }
  }
  return ids;
}

// Walks the page, a law at a time.
class LawPage {
 public:
  LawPage(const SourceFile& page, const SourceTree& tree)
      : page_(page), tree_(tree), unnamed_(checks_of(tree)), ids_(unnamed_) {}

  Findings check() {
    for (const std::string_view line : lines_of(page_.text)) take(line);
    end_law();
    if (laws_ == 0) add(1, "no laws", "give each a heading with its number");
    if (ids_.empty()) add(1, "no checks in " + std::string(kChecks), "list them there, one a line");
    for (const std::string& id : unnamed_)
      add(1, "leaves out the check " + id, "say what it demands");
    return std::move(found_);
  }

 private:
  void take(std::string_view line) {
    ++number_;
    if (begins_law(line)) {
      end_law();
      law_ = number_;
      ++laws_;
      has_test_ = has_check_ = false;
    }
    if (const std::string id = between(line, "Check: `", '`'); !id.empty()) take_check(id);
    for (const std::string& test : tests_in(line)) {
      has_test_ = true;
      if (is_written(tree_, test)) continue;
      add(number_, "names the test " + test, "there is no such test: name the one that proves it");
    }
  }

  void take_check(const std::string& id) {
    if (has_check_) add(number_, "a law with two checks", "a law has one");
    has_check_ = true;
    if (!ids_.contains(id)) add(number_, "names the check " + id, "there is no such check");
    unnamed_.erase(id);
  }

  void end_law() {
    if (law_ > 0 && !has_test_) add(law_, "a law without a test", "name what proves it");
    if (law_ > 0 && !has_check_) add(law_, "a law without a check", "write Check: and its id");
    law_ = 0;
  }

  void add(std::size_t line, std::string what, std::string advice) {
    found_.push_back({page_.path, line, std::move(what), std::move(advice)});
  }

  const SourceFile& page_;
  const SourceTree& tree_;
  std::set<std::string> unnamed_;
  const std::set<std::string> ids_;
  Findings found_;
  std::size_t number_ = 0;
  std::size_t law_ = 0;  // the line of the law under way; 0 before the first
  std::size_t laws_ = 0;
  bool has_test_ = false;
  bool has_check_ = false;
};

}  // namespace

Findings check_laws(const SourceFile& file, const SourceTree& tree) {
  if (file.path != kLaws) return {};
  return LawPage(file, tree).check();
}

}  // namespace tidy
