// The way of a write through the program: the hops between threads that a running host traces are
// those that docs/architecture.md lists.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"
#include "test_paths.hpp"

namespace patchbay::test {
namespace {

/// Between the call and the view that shows the server's row.
constexpr std::size_t kHops = 12;

using Hops = std::set<std::string>;  // of "SendLoop::send in send_loop.cpp"

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string output_of(const std::string& command) {
  const auto close = [](FILE* pipe) { pclose(pipe); };
  const std::unique_ptr<FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
  std::string text;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    text.append(buffer.data(), count);
  }
  return text;
}

/// "SendLoop::send" of "patchbay::SendLoop::send(int)::{lambda()#1}::operator()() const"; "" where
/// the function is not the program's own.
std::string method_in(std::string function) {
  if (function.starts_with("auto ")) function.erase(0, 5);
  if (!function.starts_with("patchbay::")) return "";
  for (const std::string part : {"(anonymous namespace)::", "backend::", "api::", "electric::",
                                 "embedded::", "net::", "patchbay::"}) {
    for (auto at = function.find(part); at != std::string::npos; at = function.find(part)) {
      function.erase(at, part.size());
    }
  }
  return function.substr(0, function.find_first_of("(<"));
}

/// True for a function that only carries work from one thread to another, or ends a timer.
bool is_carrier(const std::string& method) {
  static const std::set<std::string> kClasses = {"ApiPoster",      "AsioClock",  "LoopMailbox",
                                                 "MovableStrand",  "OwnThread",  "PostedReply",
                                                 "StrandExecutor", "StrandGate", "tracing"};
  return kClasses.contains(method.substr(0, method.find("::"))) || method == "note_hop" ||
         method == "SendLoop::post" || method == "run_guarded";
}

/// The functions at each address of the program's file, the innermost first: "method in file".
std::map<std::string, std::vector<std::string>> functions_at(const std::set<std::string>& all) {
  std::string command = "addr2line -afiCs -e " PATCHBAY_BINARY_DIR "/bin/patchbay";
  for (const std::string& address : all) command += " " + address;
  std::istringstream lines(output_of(command));
  std::map<std::string, std::vector<std::string>> found;
  std::vector<std::string>* functions = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("0x")) {
      std::ostringstream address;
      address << "0x" << std::hex << std::stoull(line, nullptr, 16);
      functions = &found[address.str()];
      continue;
    }
    std::string place;
    std::getline(lines, place);
    const std::string method = method_in(line);
    if (method.empty() || functions == nullptr) continue;
    functions->push_back(method + " in " + place.substr(0, place.find(':')));
  }
  return found;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

/// A trace, and who hands work over in each of its lines.
class Trace {
 public:
  explicit Trace(const std::string& text) {
    const auto words = words_of(text);
    functions_ = functions_at({words.begin(), words.end()});
  }

  /// The hops in a part of the trace.
  [[nodiscard]] Hops hops_in(const std::string& part) const {
    Hops hops;
    std::istringstream lines(part);
    for (std::string line; std::getline(lines, line);) {
      const std::string own = first_own(line);
      if (!own.empty()) hops.insert(own);
    }
    return hops;
  }

 private:
  /// The innermost caller that is not a carrier; "" where there is none.
  [[nodiscard]] std::string first_own(const std::string& line) const {
    for (const std::string& address : words_of(line)) {
      for (const std::string& caller : functions_.at(address)) {
        if (!is_carrier(caller.substr(0, caller.find(' ')))) return caller;
      }
    }
    return "";
  }

  std::map<std::string, std::vector<std::string>> functions_;
};

/// The hops of a table under a heading of docs/architecture.md: its third and fourth column.
Hops listed_under(const std::string& heading) {
  static const std::string kText = read_text(PATCHBAY_SOURCE_DIR "/docs/architecture.md");
  const auto begin = kText.find("\n" + heading + "\n");
  std::istringstream section(begin == std::string::npos ? "" : kText.substr(begin + 1));
  Hops hops;
  std::string line;
  std::getline(section, line);
  while (std::getline(section, line) && !line.starts_with("#")) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '`');) cells.push_back(cell);
    if (cells.size() < 4) continue;
    hops.insert(cells[1] + " in " + cells[3].substr(cells[3].rfind('/') + 1));
  }
  return hops;
}

std::string text_of(const Hops& hops) {
  std::string text;
  for (const std::string& hop : hops) text += "  " + hop + "\n";
  return text;
}

Hops without(const Hops& all, const Hops& some) {
  Hops rest;
  std::ranges::set_difference(all, some, std::inserter(rest, rest.end()));
  return rest;
}

/// The hops of both sets.
Hops common(const Hops& one, const Hops& other) {
  Hops both;
  std::ranges::set_intersection(one, other, std::inserter(both, both.end()));
  return both;
}

class WriteWay : public testing::Test {
 protected:
  /// The part of the trace from a call to its confirmation, with whatever else happens meanwhile.
  std::string trace_of_write(int number) {
    const std::string id = "0190aaaa-0000-7000-8000-00000000000" + std::to_string(number);
    const std::string value = R"({"id":")" + id + R"(","title":"milk"})";
    const std::size_t before = read_text(trace_).size();
    const Answer answer =
        api_.write("optimistic", R"("operation":"insert","table":"todos","value":)" + value);
    EXPECT_TRUE(api_.becomes("confirmed", "optimistic", write_id_of(answer))) << answer.body;
    return read_text(trace_).substr(before);
  }

  const TemporaryDirectory directory_;
  const std::string trace_ = directory_ / "hops";
  HostProcess host_{run_in(directory_ / "host"), {{"PATCHBAY_TRACE_HOPS", trace_}}};
  LocalApi api_{host_.place("page")};
};

TEST_F(WriteWay, MakesTheHopsThatTheArchitectureLists) {
  const Hops way = listed_under("### From the call to the view");
  const Hops beside = listed_under("### Beside it");
  EXPECT_EQ(way.size(), kHops);

  ASSERT_TRUE(api_.is_ready("todos"));
  ASSERT_TRUE(eventually([&] { return api_.stream("todos") == "live"; }));
  std::array<std::string, 4> writes;
  for (std::size_t number = 0; number < writes.size(); ++number) {
    writes.at(number) = trace_of_write(static_cast<int>(number));
  }
  const std::string whole = read_text(trace_);
  const Trace trace(whole);
  Hops traced = trace.hops_in(writes.front());
  for (const std::string& write : writes) traced = common(traced, trace.hops_in(write));

  EXPECT_EQ(text_of(without(way, traced)), "") << "is listed and was not seen";
  // What happens without a write too, such as at the start, and the test's own questions.
  const Hops of_others = trace.hops_in(whole.substr(0, whole.find(writes.front())));
  Hops unlisted = without(without(without(traced, way), beside), of_others);
  unlisted.erase("PatternRunner::write_status in pattern_runner.cpp");
  EXPECT_EQ(text_of(unlisted), "") << "was seen and is not listed";
}

}  // namespace
}  // namespace patchbay::test
