// One class, one .cpp: which definitions count, and which only look like them.
#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

/// The findings in "f/b.cpp" with this text beside a file that defines Store::open.
std::string beside_store(const std::string& text) {
  return print(check_classes({{"f/a.cpp", "namespace n {\nvoid Store::open() {}\n}\n"},
                              {"f/b.cpp", "namespace n {\n" + text + "\n}\n"}}));
}

constexpr const char* kFound =
    "f/b.cpp:2: defines members of Store, as f/a.cpp: one class, one .cpp: what needs a second "
    "file is a second class\n";

TEST(ClassRule, FindsMembersOfAClassInASecondFile) {
  for (const char* definition :
       {"void Store::close() {}", "Store::Store() : a_(1) {}", "Store::~Store() = default;",
        "Result<std::map<int, int>>\nStore::rows() {}", "std::function<void()> Store::work() {}",
        "bool Store::operator==(const Store&) const { return true; }",
        "void Store::operator()() {}", "void n::Store::close() {}", "const int Store::kMost = 1;",
        "template <typename T>\nvoid Store<T>::close() {}", "void Store::Steps::run() {}",
        "struct Store::Steps {};", "[[noreturn]] void Store::fail() {}",
        "Store::Rows Store::rows() {}", "auto Store::rows() -> Rows {}"}) {
    EXPECT_EQ(beside_store(definition), kFound) << definition;
  }
}

TEST(ClassRule, SaysWhereTheFirstOfThemIs) {
  EXPECT_EQ(beside_store("int f() {\n  return 1;\n}\nvoid Store::a() {}\nvoid Store::b() {}"),
            "f/b.cpp:5: defines members of Store, as f/a.cpp: one class, one .cpp: what needs a "
            "second file is a second class\n");
}

TEST(ClassRule, LeavesWhatIsNotAMember) {
  for (const char* text :
       {"void store::close() {}", "std::string close() { return Store::name(); }",
        "Store::Rows rows() {}", "const auto rows = Store::open();", "void f(Store::Rows rows) {}",
        "std::map<Store::Rows, int> all;", "int x{Store::kMost};", "// void Store::close() {}",
        "const char* text = \"void Store::close() {}\";", "TEST(Store, Opens) { Store::open(); }",
        "struct Rows : Store::Rows { int a; };", "void StoreSteps::run() {}",
        "Steps::Steps() : rows_{Store::rows()}, all_{1} {}", "using Rows = Store::Rows;",
        "namespace {\nint f() { Store::open(); return 1; }\n}"}) {
    EXPECT_EQ(beside_store(text), "") << text;
  }
}

TEST(ClassRule, LeavesAClassThatOneFileAloneKnows) {
  EXPECT_EQ(beside_store("class Store final : public A {\n  void close();\n};\n"
                         "void Store::close() {}"),
            "");
  EXPECT_EQ(beside_store("class Store;\nvoid Store::close() {}").empty(), false);
}

TEST(ClassRule, LooksAtSourcesOfOneFolder) {
  const std::string text = "void Store::open() {}\n";
  EXPECT_EQ(check_classes({{"f/a.cpp", text}, {"g/a.cpp", text}, {"f/g/a.cpp", text}}).size(), 0U);
  EXPECT_EQ(check_classes({{"f/a.cpp", text}, {"f/a.hpp", text}, {"f/a.md", text}}).size(), 0U);
  EXPECT_EQ(check_classes({{"f/a.cpp", text}, {"f/b.cpp", text}, {"f/c.cpp", text}}).size(), 2U);
}

}  // namespace
}  // namespace tidy
