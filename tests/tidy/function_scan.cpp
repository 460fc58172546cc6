#include "function_scan.hpp"

#include <algorithm>

#include "brace_kind.hpp"

namespace tidy {
namespace {

struct Scope {
  BraceKind kind = BraceKind::Namespace;
  std::size_t statement = 0;  // index of the first token of the statement under way
  std::size_t parens = 0;
  bool after_value_brace = false;
  FunctionExtent function;  // of a function or lambda
};

bool is_function(const Scope& scope) {
  return scope.kind == BraceKind::Function || scope.kind == BraceKind::Lambda;
}

class Scanner {
 public:
  explicit Scanner(Tokens tokens) : tokens_(std::move(tokens)) {}

  FunctionScan run() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) step(at);
    result_.braces_pair_up = result_.braces_pair_up && scopes_.size() == 1;
    return std::move(result_);
  }

 private:
  void step(std::size_t at) {
    const std::string_view text = tokens_[at].text;
    if (text == "{") return open(at);
    if (text == "}") return close(at);
    Scope& scope = scopes_.back();
    scope.after_value_brace = false;
    if (text == "(") ++scope.parens;
    if (text == ")" && scope.parens > 0) --scope.parens;
    if (text == ";" && scope.parens == 0) scope.statement = at + 1;
    if (text == ":" && at > 0 && is_access(tokens_[at - 1].text)) scope.statement = at + 1;
  }

  static bool is_access(std::string_view text) {
    return text == "public" || text == "private" || text == "protected";
  }

  void open(std::size_t at) {
    const Scope& outer = scopes_.back();
    const BracePlace place{at, outer.statement, outer.kind, outer.parens > 0,
                           outer.after_value_brace};
    Scope inner;
    inner.kind = kind_of_brace(tokens_, place);
    inner.statement = at + 1;
    if (is_function(inner)) {
      const std::size_t list = parameter_list(tokens_, place, inner.kind);
      inner.function.first_line = tokens_[list].line;
      inner.function.parameters = count_parameters(tokens_, list);
    }
    scopes_.push_back(inner);
    if (inner.kind == BraceKind::Block) note_nesting();
  }

  void note_nesting() {
    std::size_t depth = 0;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (scope->kind == BraceKind::Block) ++depth;
      if (!is_function(*scope)) continue;
      scope->function.nesting = std::max(scope->function.nesting, depth);
      return;
    }
  }

  void close(std::size_t at) {
    if (scopes_.size() == 1) {
      result_.braces_pair_up = false;
      return;
    }
    Scope closed = std::move(scopes_.back());
    scopes_.pop_back();
    if (is_function(closed)) {
      closed.function.last_line = tokens_[at].line;
      result_.functions.push_back(closed.function);
    }
    const bool ends_statement = closed.kind != BraceKind::Value && closed.kind != BraceKind::Lambda;
    if (ends_statement) scopes_.back().statement = at + 1;
    scopes_.back().after_value_brace = closed.kind == BraceKind::Value;
  }

  Tokens tokens_;
  std::vector<Scope> scopes_{Scope{}};
  FunctionScan result_;
};

}  // namespace

FunctionScan scan_functions(std::string_view code) {
  return Scanner(tokens_of(code)).run();
}

}  // namespace tidy
