#include "backend/payload.hpp"

#include <algorithm>
#include <patchbay/kit/ascii.hpp>

namespace patchbay::backend {
namespace {

void add_text(std::string_view text, std::string& out) {
  out += std::to_string(text.size());
  out.push_back(':');
  out += text;
}

/// Adds a cell; 5 and "5" are one value, because a key from a URL is always text.
void add_cell(const std::pair<std::string, json::Value>& cell, std::string& out) {
  const json::Value& value = cell.second;
  add_text(cell.first, out);
  if (value.is(json::Value::Kind::null)) {
    out.push_back('-');
  } else {
    add_text(value.plain_text(), out);
  }
}

}  // namespace

std::string payload_text(const KeyedChange& change) {
  constexpr std::string_view kKinds = "iud";
  std::string text(1, kKinds[static_cast<std::size_t>(change.kind)]);
  add_text(change.table->name.exact_text(), text);
  for (const auto& cell : change.key) add_cell(cell, text);
  std::vector<const std::pair<std::string, json::Value>*> set;
  for (const auto& cell : change.set) set.push_back(&cell);
  std::sort(set.begin(), set.end(),
            [](const auto* left, const auto* right) { return left->first < right->first; });
  for (const auto* cell : set) add_cell(*cell, text);
  text.push_back(';');
  return text;
}

std::string payload_digest(std::string_view payload) {
  // FNV-1a never changes and is enough to notice a mistake; it does not resist an attacker.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : payload) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  std::string digest;
  for (int shift = 56; shift >= 0; shift -= 8) {
    text::append_hex(digest, static_cast<unsigned char>((hash >> shift) & 0xffU));
  }
  return digest + "-" + std::to_string(payload.size());
}

}  // namespace patchbay::backend
