#include "page_rows.hpp"

#include <algorithm>
#include <bit>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

namespace patchbay::sqlite {
namespace {

constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::size_t kPageHeaderBytes = 8;
constexpr unsigned char kPageOfRows = 13;
constexpr std::size_t kDefaultPageBytes = 4096;

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t index = 0; index < count; ++index) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + index]);
  }
  return value;
}

/// Takes numbers off the front of some bytes; nothing where they end too early.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }
  /// SQLite's: seven bits a byte, the highest first; all eight of a ninth.
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (int count = 1; !rest_.empty(); ++count) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (count == 9) return value << 8U | byte;
      value = value << 7U | (byte & 0x7FU);
      if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }
  std::optional<std::string_view> bytes(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

std::uint64_t bytes_of_type(std::uint64_t type) {
  constexpr std::uint64_t kNumbers[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return type < 12 ? kNumbers[type] : (type - 12) / 2;
}

PageValue value_of(std::uint64_t type, std::string_view bytes) {
  if (type == 8 || type == 9) return static_cast<std::int64_t>(type - 8);
  if (type >= 12 || type == 7) return std::string(bytes);
  if (type == 0 || type > 6) return std::monostate{};
  const std::uint64_t value = big_endian(bytes, 0, bytes.size());
  const auto unused = static_cast<unsigned>(64 - 8 * bytes.size());
  return static_cast<std::int64_t>(value << unused) >> unused;  // with its sign
}

std::optional<std::vector<PageValue>> values_of(std::string_view record, std::size_t wanted) {
  Reader reader(record);
  const auto head_bytes = reader.number();
  const std::size_t length_bytes = record.size() - reader.rest().size();
  if (!head_bytes || *head_bytes < length_bytes || *head_bytes > record.size()) return {};
  Reader types(record.substr(length_bytes, *head_bytes - length_bytes));
  Reader body(record.substr(*head_bytes));
  std::vector<PageValue> values;
  while (!types.rest().empty()) {
    const auto type = types.number();
    const auto bytes = type ? body.bytes(bytes_of_type(*type)) : std::nullopt;
    if (!bytes || values.size() == wanted) return {};
    values.push_back(value_of(*type, *bytes));
  }
  if (values.size() != wanted) return {};
  return values;
}

class Pages {
 public:
  explicit Pages(const std::filesystem::path& file) : in_(file, std::ios::binary) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(file, failed);
    std::string header(kFileHeaderBytes, '\0');
    in_.read(header.data(), kFileHeaderBytes);
    in_.clear();
    page_bytes_ = static_cast<std::size_t>(big_endian(header, 16, 2));
    if (page_bytes_ == 1) page_bytes_ = 65'536;
    if (page_bytes_ < 512 || !std::has_single_bit(page_bytes_)) page_bytes_ = kDefaultPageBytes;
    // A page that is cut off still has its first bytes.
    if (!failed) count_ = (size + page_bytes_ - 1) / page_bytes_;
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::size_t page_bytes() const { return page_bytes_; }
  /// From 1.
  std::string page(std::uint64_t number) {
    std::string bytes(page_bytes_, '\0');
    in_.clear();
    in_.seekg(static_cast<std::streamoff>((number - 1) * page_bytes_));
    in_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  }
  /// The record whose first part stands at the front of `cell`; empty when it cannot be followed.
  std::string record(std::string_view cell, std::uint64_t size) {
    const std::size_t local_bytes = local_of(size);
    if (size > count_ * page_bytes_) return {};
    if (cell.size() < local_bytes + (size > local_bytes ? 4 : 0)) return {};
    std::string bytes(cell.substr(0, local_bytes));
    std::uint64_t next = size > local_bytes ? big_endian(cell, local_bytes, 4) : 0;
    while (bytes.size() < size) {
      if (next == 0 || next > count_) return {};
      const std::string more = page(next);
      next = big_endian(more, 0, 4);
      bytes.append(more, 4, std::min<std::size_t>(page_bytes_ - 4, size - bytes.size()));
    }
    return bytes;
  }

 private:
  /// How much of a record stands in its page.
  [[nodiscard]] std::size_t local_of(std::uint64_t size) const {
    const std::size_t most = page_bytes_ - 35;
    if (size <= most) return static_cast<std::size_t>(size);
    const std::size_t least = (page_bytes_ - 12) * 32 / 255 - 23;
    const auto fitting = least + static_cast<std::size_t>((size - least) % (page_bytes_ - 4));
    return fitting <= most ? fitting : least;
  }

  std::ifstream in_;
  std::size_t page_bytes_ = kDefaultPageBytes;
  std::uint64_t count_ = 0;
};

std::optional<PageRow> row_at(Pages& pages, std::string_view page, std::size_t at,
                              std::size_t values) {
  if (at >= page.size()) return std::nullopt;
  Reader reader(page.substr(at));
  const auto size = reader.number();
  const auto number = reader.number();
  if (!size || !number) return std::nullopt;
  auto found = values_of(pages.record(reader.rest(), *size), values);
  if (!found) return std::nullopt;
  return PageRow{static_cast<std::int64_t>(*number), std::move(*found)};
}

}  // namespace

void each_row_in_pages(const std::filesystem::path& file, std::size_t values,
                       const std::function<void(PageRow)>& take) {
  Pages pages(file);
  for (std::uint64_t number = 1; number <= pages.count(); ++number) {
    const std::string page = pages.page(number);
    const std::size_t head = number == 1 ? kFileHeaderBytes : 0;
    if (static_cast<unsigned char>(page[head]) != kPageOfRows) continue;
    const std::size_t first = head + kPageHeaderBytes;
    const std::size_t fitting = (pages.page_bytes() - first) / 2;
    const auto count = std::min<std::size_t>(fitting, big_endian(page, head + 3, 2));
    for (std::size_t row = 0; row < count; ++row) {
      const auto at = static_cast<std::size_t>(big_endian(page, first + 2 * row, 2));
      if (auto found = row_at(pages, page, at, values)) take(std::move(*found));
    }
  }
}

}  // namespace patchbay::sqlite
