#include <algorithm>
#include <patchbay/sqlite/sql_template.hpp>

namespace patchbay::sqlite {

std::string fill_sql(std::string_view text,
                     const std::map<std::string, std::string, std::less<>>& words) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with("--")) continue;
    std::size_t at = 0;
    for (auto open = line.find('{'); open != std::string_view::npos; open = line.find('{', at)) {
      const auto close = line.find('}', open);
      out += line.substr(at, open - at);
      out += words.find(line.substr(open + 1, close - open - 1))->second;
      at = close + 1;
    }
    out += line.substr(at);
    out += '\n';
  }
  return out;
}

}  // namespace patchbay::sqlite
