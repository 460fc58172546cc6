// A definition outside its class names it: "Result<void> Store::Steps::apply(...) {". So the rule
// reads the declarations of namespace scope, and takes the name in front of the first sign that
// ends a name. Namespaces are told from classes by their small first letter.
#include <cctype>
#include <map>
#include <set>

#include "code_view.hpp"
#include "rules.hpp"
#include "tokens.hpp"

namespace tidy {
namespace {

/// The classes of one file: where the first member outside its class is, and which classes the
/// file alone knows.
struct DefinedClasses {
  std::map<std::string, std::size_t, std::less<>> first_line;
  std::set<std::string, std::less<>> local;
};

/// Behind the sign that closes what `tokens[at]` opens.
std::size_t behind_block(const Tokens& tokens, std::size_t at, std::string_view close) {
  const std::string_view opening = tokens[at].text;
  for (std::size_t depth = 0; at < tokens.size(); ++at) {
    if (tokens[at].text == opening) ++depth;
    if (tokens[at].text == close && --depth == 0) return at + 1;
  }
  return at;
}

bool ends_name(std::string_view text) {
  return text == "(" || text == "=" || text == "{" || text == ";" || text == ":" || text == "}";
}

/// The sign that ends the declared name; template arguments and attributes are passed over.
std::size_t name_end(const Tokens& tokens, std::size_t at) {
  while (at < tokens.size()) {
    if (tokens[at].text == "operator") return at + 1;
    if (ends_name(tokens[at].text)) return at;
    at = tokens[at].text == "<"   ? behind_block(tokens, at, ">")
         : tokens[at].text == "[" ? behind_block(tokens, at, "]")
                                  : at + 1;
  }
  return at;
}

/// Before "<" of the template arguments that end before `at`, or `at`.
std::size_t before_arguments(const Tokens& tokens, std::size_t begin, std::size_t at) {
  if (at == begin || tokens[at - 1].text != ">") return at;
  for (std::size_t depth = 0; at > begin; --at) {
    if (tokens[at - 1].text == ">") ++depth;
    if (tokens[at - 1].text == "<" && --depth == 0) return at - 1;
  }
  return at;
}

/// The first class in "ns::Class::Inner::name", which ends before `end`; "" of a free name.
std::string_view class_of(const Tokens& tokens, std::size_t begin, std::size_t end) {
  std::string_view found;
  std::size_t at = end;
  if (at > begin && is_word(tokens[at - 1])) --at;
  if (at > begin && tokens[at - 1].text == "~") --at;
  while (at > begin && tokens[at - 1].text == "::") {
    at = before_arguments(tokens, begin, at - 1);
    if (at == begin || !is_word(tokens[at - 1])) break;
    --at;
    const bool is_class = std::isupper(static_cast<unsigned char>(tokens[at].text.front())) != 0;
    if (is_class) found = tokens[at].text;
  }
  return found;
}

bool opens_scope(const Tokens& tokens, std::size_t begin) {
  return tokens[begin].text == "namespace" || tokens[begin].text == "extern";
}

/// "class Name final" -> "Name"; "" of what is not a class with a name of its own.
std::string_view local_class(const Tokens& tokens, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at + 1 < end; ++at) {
    if (tokens[at].text != "class" && tokens[at].text != "struct") continue;
    const bool qualified = at + 2 < end && tokens[at + 2].text == "::";
    return qualified ? std::string_view() : tokens[at + 1].text;
  }
  return {};
}

/// From the end of a declared name to the start of the next declaration.
std::size_t next_declaration(const Tokens& tokens, std::size_t at) {
  while (at < tokens.size() && tokens[at].text != "{" && tokens[at].text != ";") {
    if (tokens[at].text == "}") return at + 1;
    at = tokens[at].text == "(" ? behind_block(tokens, at, ")") : at + 1;
  }
  if (at >= tokens.size() || tokens[at].text == ";") return at + 1;
  return behind_block(tokens, at, "}");
}

DefinedClasses classes_in(const SourceFile& file) {
  const CodeView view = split_code(file.text);
  const Tokens tokens = tokens_of(view.code);
  DefinedClasses found;
  for (std::size_t at = 0; at < tokens.size();) {
    const std::size_t begin = at;
    const std::size_t end = name_end(tokens, begin);
    if (opens_scope(tokens, begin) && end < tokens.size() && tokens[end].text == "{") {
      at = end + 1;
      continue;
    }
    const bool is_operator = end > begin && tokens[end - 1].text == "operator";
    const std::string_view owner = class_of(tokens, begin, end);
    if (!owner.empty()) found.first_line.emplace(owner, tokens[begin].line);
    at = next_declaration(tokens, is_operator && end < tokens.size() ? end + 1 : end);
    const std::string_view local = local_class(tokens, begin, end);
    if (!local.empty() && tokens[std::min(at, tokens.size()) - 1].text == "}") {
      found.local.emplace(local);
    }
  }
  return found;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

Findings check_classes(const SourceTree& tree) {
  Findings found;
  std::map<std::pair<std::string, std::string>, std::string> homes;  // of a folder and a class
  for (const SourceFile& file : tree) {
    if (file.extension() != ".cpp") continue;
    const DefinedClasses classes = classes_in(file);
    for (const auto& [name, line] : classes.first_line) {
      if (classes.local.contains(name)) continue;
      const auto [home, is_first] = homes.emplace(std::pair(folder_of(file.path), name), file.path);
      if (is_first) continue;
      found.push_back({file.path, line, "defines members of " + name + ", as " + home->second,
                       "one class, one .cpp: what needs a second file is a second class"});
    }
  }
  return found;
}

}  // namespace tidy
