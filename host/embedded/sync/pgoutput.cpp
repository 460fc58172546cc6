#include "embedded/sync/pgoutput.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace patchbay::embedded {
namespace {

/// Reads from the front; once bytes are missing, everything reads as zero.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T integer() {
    std::uint64_t value = 0;
    for (const char byte : take(sizeof(T))) {
      value = (value << 8U) | static_cast<unsigned char>(byte);
    }
    return static_cast<T>(value);
  }
  char letter() {
    const auto bytes = take(1);
    return bytes.empty() ? '\0' : bytes[0];
  }
  std::string text() {
    const auto end = bytes_.find('\0');
    if (end == std::string_view::npos) failed_ = true;
    const auto bytes = take(failed_ ? 0 : end);
    take(1);
    return std::string(bytes);
  }
  std::string_view take(std::size_t count) {
    if (failed_ || count > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

Tuple read_tuple(Reader& reader) {
  const auto count = reader.integer<std::uint16_t>();
  Tuple tuple;
  for (unsigned index = 0; index < count && !reader.failed(); ++index) {
    const char kind = reader.letter();
    if (kind == 't') {
      const auto size = reader.integer<std::uint32_t>();
      tuple.push_back({Cell::Kind::text, std::string(reader.take(size))});
    } else if (kind == 'u') {
      tuple.push_back({Cell::Kind::unchanged, {}});
    } else {
      tuple.push_back({Cell::Kind::null, {}});
      if (kind != 'n') reader.take(reader.rest().size() + 1);
    }
  }
  return tuple;
}

Relation read_relation(Reader& reader) {
  Relation relation;
  relation.id = reader.integer<std::uint32_t>();
  relation.schema = reader.text();
  relation.name = reader.text();
  relation.identity = reader.letter();
  const auto count = reader.integer<std::uint16_t>();
  for (unsigned index = 0; index < count && !reader.failed(); ++index) {
    reader.take(1);  // "part of the identity": all are, under FULL
    RelationColumn column;
    column.name = reader.text();
    column.type = reader.integer<std::uint32_t>();
    column.modifier = reader.integer<std::int32_t>();
    relation.columns.push_back(std::move(column));
  }
  return relation;
}

RowMessage read_row(Reader& reader, RowOperation operation) {
  RowMessage row;
  row.operation = operation;
  row.relation = reader.integer<std::uint32_t>();
  char part = reader.letter();
  if (part == 'K' || part == 'O') {
    row.old_is_key_only = part == 'K';
    row.old_row = read_tuple(reader);
    if (operation == RowOperation::update) part = reader.letter();
  }
  if (part == 'N') row.new_row = read_tuple(reader);
  return row;
}

Truncate read_truncate(Reader& reader) {
  Truncate truncate;
  const auto count = reader.integer<std::uint32_t>();
  reader.take(1);
  for (std::uint32_t index = 0; index < count && !reader.failed(); ++index) {
    truncate.relations.push_back(reader.integer<std::uint32_t>());
  }
  return truncate;
}

PgoutputMessage read_message(Reader& reader, char kind) {
  switch (kind) {
    case 'B': {
      Begin begin;
      begin.commit_lsn = reader.integer<std::uint64_t>();
      reader.take(8);  // commit time
      begin.txid = reader.integer<std::uint32_t>();
      return begin;
    }
    case 'C': {
      Commit commit;
      reader.take(1);  // flags
      commit.commit_lsn = reader.integer<std::uint64_t>();
      commit.end_lsn = reader.integer<std::uint64_t>();
      return commit;
    }
    case 'R':
      return read_relation(reader);
    case 'I':
      return read_row(reader, RowOperation::insert);
    case 'U':
      return read_row(reader, RowOperation::update);
    case 'D':
      return read_row(reader, RowOperation::remove);
    case 'T':
      return read_truncate(reader);
    default:
      return Ignored{};
  }
}

void append_integer(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  }
}

tl::unexpected<Error> damaged(std::string_view what, char kind) {
  return failure(ErrorCode::corrupt, "PostgreSQL's replication stream sent a " + std::string(what) +
                                         " of kind '" + kind + "' that cannot be read.");
}

}  // namespace

Result<PgoutputMessage> decode_pgoutput(std::string_view bytes) {
  Reader reader(bytes);
  const char kind = reader.letter();
  auto message = read_message(reader, kind);
  if (reader.failed()) return damaged("message", kind);
  return message;
}

std::optional<std::uint32_t> table_of_row(std::string_view bytes) {
  Reader reader(bytes);
  const char kind = reader.letter();
  if (kind != 'I' && kind != 'U' && kind != 'D') return std::nullopt;
  const auto table = reader.integer<std::uint32_t>();
  return reader.failed() ? std::nullopt : std::optional(table);
}

Result<StreamMessage> decode_stream(std::string_view bytes) {
  Reader reader(bytes);
  const char kind = reader.letter();
  if (kind == 'w') {
    reader.take(24);  // start of the data, end of the log, time
    if (!reader.failed()) return StreamData{reader.rest()};
  } else if (kind == 'k') {
    KeepAlive alive;
    alive.wal_end = reader.integer<std::uint64_t>();
    reader.take(8);
    alive.wants_reply = reader.letter() != '\0';
    if (!reader.failed()) return alive;
  }
  return damaged("frame", kind);
}

std::string encode_status(std::uint64_t received, std::uint64_t confirmed, std::int64_t now_us) {
  constexpr std::int64_t kYear2000Us = 946'684'800'000'000;
  std::string out = "r";
  append_integer(out, received);
  for (int position = 0; position < 2; ++position) append_integer(out, confirmed);
  append_integer(out, static_cast<std::uint64_t>(now_us - kYear2000Us));
  out += '\1';  // asks for an answer, so that silence means a lost connection
  return out;
}

bool parse_lsn(std::string_view text, std::uint64_t& lsn) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  const char* middle = text.data() + slash;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), middle, high, 16);
  const auto second = std::from_chars(middle + 1, end, low, 16);
  if (first.ec != std::errc() || first.ptr != middle) return false;
  if (second.ec != std::errc() || second.ptr != end) return false;
  lsn = (std::uint64_t{high} << 32U) | low;
  return true;
}

std::string format_lsn(std::uint64_t lsn) {
  std::array<char, 32> buffer = {};
  std::snprintf(buffer.data(), buffer.size(), "%X/%X", static_cast<unsigned>(lsn >> 32U),
                static_cast<unsigned>(lsn));
  return buffer.data();
}

}  // namespace patchbay::embedded
