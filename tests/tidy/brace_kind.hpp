// Says what an opening brace opens, from the words before it.
// From function_scan, which keeps the surroundings → back to it. Pure functions.
#pragma once

#include <cstddef>

#include "tokens.hpp"

namespace tidy {

enum class BraceKind { Namespace, Type, Function, Lambda, Block, Value };

struct BracePlace {
  std::size_t brace = 0;      // index of the '{'
  std::size_t statement = 0;  // index of the first token of its statement
  BraceKind outer = BraceKind::Namespace;
  bool in_parens = false;          // within parentheses of its statement
  bool after_value_brace = false;  // right behind the '}' of a braced value
};

BraceKind kind_of_brace(const Tokens& tokens, const BracePlace& place);

// Where the parameter list of a function or lambda opens; `place.brace` where it has none.
std::size_t parameter_list(const Tokens& tokens, const BracePlace& place, BraceKind kind);

// Counts what the parentheses opening at `open` hold.
std::size_t count_parameters(const Tokens& tokens, std::size_t open);

}  // namespace tidy
