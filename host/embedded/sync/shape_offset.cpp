#include "embedded/sync/shape_offset.hpp"

#include <charconv>

namespace patchbay::embedded {
namespace {

bool parse_number(std::string_view text, std::uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == end;
}

}  // namespace

std::string ShapeOffset::text() const {
  switch (kind) {
    case Kind::start:
      return "-1";
    case Kind::now:
      return "now";
    case Kind::snapshot:
      return position == kWholeSnapshot ? "0_inf" : "0_" + std::to_string(position);
    case Kind::log:
      break;
  }
  return std::to_string(lsn) + "_" + std::to_string(position);
}

std::optional<ShapeOffset> parse_offset(std::string_view text) {
  ShapeOffset offset;
  if (text == "-1") return offset;
  if (text == "now") {
    offset.kind = ShapeOffset::Kind::now;
    return offset;
  }
  const auto line = text.find('_');
  if (line == std::string_view::npos || !parse_number(text.substr(0, line), offset.lsn)) {
    return std::nullopt;
  }
  offset.kind = offset.lsn == 0 ? ShapeOffset::Kind::snapshot : ShapeOffset::Kind::log;
  const auto position = text.substr(line + 1);
  if (position == "inf") {
    // After everything of that transaction, which is only asked for after the snapshot.
    offset.position = ShapeOffset::kWholeSnapshot;
    return offset;
  }
  if (!parse_number(position, offset.position)) return std::nullopt;
  return offset;
}

}  // namespace patchbay::embedded
