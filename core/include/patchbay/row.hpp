// Row and RowRef: an immutable row of Postgres texts, in one block that the host allocates and
// frees. Host -> patterns -> host. Shared between threads without a lock; a reference may outlive
// the module that held it, since the host's code frees the row.
//
//   block: Row header | ends[columns] (2 bits state, 30 bits end of text) | text bytes
#pragma once

#include <atomic>
#include <cstdint>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay {

/// The state of one cell. absent: nothing is said, as in a row of key columns only or in a patch;
/// null: SQL NULL; text: a value.
enum class CellState : std::uint8_t { absent = 0, null = 1, text = 2 };

/// One value of a row. `text` is Postgres text in UTF-8, and "" unless the state is text; the maker
/// of the cell owns it. Booleans are "true" and "false".
struct Cell {
  CellState state = CellState::absent;
  std::string_view text;

  [[nodiscard]] static constexpr Cell null() noexcept { return {CellState::null, {}}; }
  [[nodiscard]] static constexpr Cell of(std::string_view text) noexcept {
    return {CellState::text, text};
  }
  [[nodiscard]] constexpr bool is_absent() const noexcept { return state == CellState::absent; }
  [[nodiscard]] constexpr bool is_null() const noexcept { return state == CellState::null; }
  [[nodiscard]] constexpr bool is_text() const noexcept { return state == CellState::text; }
  friend bool operator==(const Cell&, const Cell&) = default;
};

/// The cells of one row. Made by Host::make_row and Host::fold only; held by RowRef.
class Row {
 public:
  static constexpr std::uint32_t kEndMask = (1U << 30U) - 1U;

  Row(const TableSchema& schema, void (*destroy)(const Row*) noexcept) noexcept
      : destroy_(destroy), schema_(&schema) {}
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() = default;

  /// The columns that this row was made for. [any thread]
  [[nodiscard]] const TableSchema& schema() const noexcept { return *schema_; }

  /// The value of a column; absent for an index out of range. Valid as long as the row.
  /// [any thread]
  [[nodiscard]] Cell cell(std::uint32_t column) const noexcept {
    const auto count = static_cast<std::uint32_t>(schema_->columns.size());
    if (column >= count) return {};
    const auto* ends = reinterpret_cast<const std::uint32_t*>(this + 1);
    const auto state = static_cast<CellState>(ends[column] >> 30U);
    if (state != CellState::text) return {state, {}};
    const std::uint32_t begin = column == 0 ? 0U : ends[column - 1] & kEndMask;
    const auto* text = reinterpret_cast<const char*>(ends + count);
    return {state, std::string_view(text + begin, (ends[column] & kEndMask) - begin)};
  }

  /// Adds a reference; for RowRef. [any thread]
  void retain() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  /// Gives a reference up; the last one frees the row. For RowRef. [any thread]
  void release() const noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy_(this);
  }

 private:
  mutable std::atomic<std::uint32_t> references_{1};
  void (*destroy_)(const Row*) noexcept;
  const TableSchema* schema_;
};

/// A counted reference to a Row; null when default-made. Copying costs one atomic increment.
class RowRef {
 public:
  RowRef() noexcept = default;
  /// Makes a reference out of one that the caller holds. For the host's row builder.
  [[nodiscard]] static RowRef take(const Row* row) noexcept {
    RowRef ref;
    ref.row_ = row;
    return ref;
  }
  RowRef(const RowRef& other) noexcept : row_(other.row_) {
    if (row_ != nullptr) row_->retain();
  }
  RowRef(RowRef&& other) noexcept : row_(std::exchange(other.row_, nullptr)) {}
  RowRef& operator=(RowRef other) noexcept {
    std::swap(row_, other.row_);
    return *this;
  }
  ~RowRef() {
    if (row_ != nullptr) row_->release();
  }

  [[nodiscard]] const Row& operator*() const noexcept { return *row_; }
  [[nodiscard]] const Row* operator->() const noexcept { return row_; }
  [[nodiscard]] explicit operator bool() const noexcept { return row_ != nullptr; }

 private:
  const Row* row_ = nullptr;
};

/// The primary key of a row as bytes that are equal exactly when the keys are: for each key column
/// the length of its text, then the text. For keys of maps; not readable. [any thread]
[[nodiscard]] inline std::string key_text(const Row& row) {
  std::string key;
  for (const std::uint32_t column : row.schema().key) {
    const std::string_view text = row.cell(column).text;
    const auto size = static_cast<std::uint32_t>(text.size());
    for (std::uint32_t shift = 0; shift < 32; shift += 8) {
      key.push_back(static_cast<char>((size >> shift) & 0xFFU));
    }
    key.append(text);
  }
  return key;
}

/// Says whether both rows have the same schema and the same value in every column. [any thread]
[[nodiscard]] inline bool same_cells(const Row& left, const Row& right) noexcept {
  if (&left.schema() != &right.schema()) return false;
  for (std::uint32_t column = 0; column < left.schema().columns.size(); ++column) {
    if (left.cell(column) != right.cell(column)) return false;
  }
  return true;
}

}  // namespace patchbay
