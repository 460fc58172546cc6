// The function rule on samples: what it must find, and what it must not take for a function.
#include <gtest/gtest.h>

#include "code_view.hpp"
#include "function_scan.hpp"
#include "rules.hpp"

namespace tidy {
namespace {

// "lines:parameters:nesting" of each function, in the order they end.
std::string functions_in(std::string_view text) {
  const FunctionScan scan = scan_functions(split_code(text).code);
  std::string printed = scan.braces_pair_up ? "" : "unpaired ";
  for (const FunctionExtent& function : scan.functions) {
    printed += std::to_string(function.last_line - function.first_line + 1) + ":" +
               std::to_string(function.parameters) + ":" + std::to_string(function.nesting) + " ";
  }
  return printed;
}

std::string function_of_lines(std::size_t lines) {
  std::string text = "int f() {\n";
  for (std::size_t i = 2; i < lines; ++i) text += "  g();\n";
  return text + "}\n";
}

TEST(FunctionScan, MeasuresAPlainFunction) {
  EXPECT_EQ(functions_in("int f(int a, char b)\n{\n  if (a) {\n    g();\n  }\n}"), "6:2:1 ");
}

TEST(FunctionScan, CountsNoNamespaceTypeOrValue) {
  EXPECT_EQ(
      functions_in("namespace a::b { struct X : Y<int> { int z{1}; }; enum class E : int { A };"
                   " extern \"C\" { } const X x{1}; std::array<int, 2> y = {{1, 2}}; }"),
      "");
}

TEST(FunctionScan, FindsMethodsAndOperators) {
  EXPECT_EQ(functions_in("class X final { public: X(int a) : a_(a), b_{1} {} bool operator()(int b)"
                         " const noexcept { return b; } bool operator==(X) const { return true; }"
                         " auto g() const -> std::map<int, int> { return {}; } int a_ = 0; };"),
            "1:1:0 1:1:0 1:1:0 1:0:0 ");
}

TEST(FunctionScan, FindsAConstructorWhoseLastMemberIsBraced) {
  EXPECT_EQ(functions_in("X::X(int a, int b) : a_{a}, b_{b} { if (a) { g(); } }"), "1:2:1 ");
}

TEST(FunctionScan, SeesPastTemplatesAndDefaultValues) {
  EXPECT_EQ(functions_in("template <class T, int N> requires C<T> void f(std::map<int, T> a,"
                         " std::function<void(int, int)> b = {}, int c = g(1, 2)) { }"),
            "1:3:0 ");
}

TEST(FunctionScan, TakesALambdaForAFunctionOfItsOwn) {
  EXPECT_EQ(functions_in("void f() { if (a) { run([this](int x) { if (x) { g(); } }, T{1}); } }"),
            "1:1:1 1:0:1 ");
  EXPECT_EQ(functions_in("auto f = [] { }; auto g = [&]<class T>(T a) mutable -> int { };"),
            "1:0:0 1:1:0 ");
}

TEST(FunctionScan, CountsEveryKindOfBlock) {
  EXPECT_EQ(functions_in("void f() { for (;;) { while (a) { do { try { g(); } catch (...) { } }"
                         " while (b); } } }"),
            "1:0:4 ");
  EXPECT_EQ(functions_in("void f() { switch (a) { case 1: { if (b) [[likely]] { } else { } } } }"),
            "1:0:3 ");
}

TEST(FunctionScan, CountsNoValuesAsBlocks) {
  EXPECT_EQ(functions_in("void f() { if (a) { g(X{{1, 2}, {3, Y{4}}}); return {1, Z{2}}; } }"),
            "1:0:1 ");
}

TEST(FunctionScan, TellsThatBracesDoNotPairUp) {
  EXPECT_EQ(functions_in("void f() {"), "unpaired ");
  EXPECT_EQ(functions_in("}"), "unpaired ");
}

TEST(FunctionRule, FindsALongFunction) {
  EXPECT_EQ(print(check_functions({"a.cpp", function_of_lines(60)})), "");
  EXPECT_EQ(print(check_functions({"a.cpp", function_of_lines(61)})),
            "a.cpp:1: a function with 61 lines: give its steps names of their own (60)\n");
}

TEST(FunctionRule, FindsTooManyParameters) {
  EXPECT_EQ(print(check_functions({"a.hpp", "void f(int a, int b, int c, int d, int e) {}"})), "");
  EXPECT_EQ(
      print(check_functions({"a.hpp", "\nvoid f(int a, int b, int c, int d, int e, int g) {}"})),
      "a.hpp:2: a function with 6 parameters: put what belongs together in a struct (5)\n");
}

TEST(FunctionRule, FindsDeepNesting) {
  EXPECT_EQ(print(check_functions({"a.cpp", "void f() { {{{{ }}}} }"})), "");
  EXPECT_EQ(print(check_functions({"a.cpp", "void f() { {{{{{ }}}}} }"})),
            "a.cpp:1: a function with 5 nested blocks: return early or name the inner part (4)\n");
}

TEST(FunctionRule, FindsUnpairedBraces) {
  EXPECT_EQ(print(check_functions({"a.cpp", "void f() {"})),
            "a.cpp:1: braces do not pair up: keep both braces of a pair in the same branch of an "
            "#if\n");
}

}  // namespace
}  // namespace tidy
