#include "electric/shape_log.hpp"

#include <unistd.h>

#include <array>
#include <utility>

#include "electric/cache_bytes.hpp"
#include "electric/cache_records.hpp"
#include "electric/tuning.hpp"

namespace patchbay::electric {
namespace {

constexpr std::string_view kMagic = "PATCHBAY";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = kMagic.size() + 4;

}  // namespace

ShapeLog::ShapeLog(std::filesystem::path file, std::string identity)
    : path_(std::move(file)), identity_(std::move(identity)) {}

bool ShapeLog::is_swollen() const noexcept {
  return usable_ && file_.size() > 2 * rows_bytes_ + tuning::kCacheSlackBytes;
}

Result<std::optional<ShapeBatch>> ShapeLog::load() {
  auto opened = CacheFile::open(path_);
  ShapeBatch batch;
  std::optional<Flaw> flaw;
  if (opened) {
    file_ = *std::move(opened);
    if (!file_.is_open()) return std::nullopt;
    flaw = read(batch);
  } else {
    flaw = Flaw{"unreadable", opened.error().message};
  }
  if (flaw) {
    file_ = CacheFile();
    must_go_ = flaw->name;
    const auto aside = put_aside();
    const std::string fate = aside ? "it was set aside as " + aside->string()
                                   : "it stays, and nothing is cached: " + aside.error().message;
    return failure(ErrorCode::corrupt, flaw->sentence + "; " + fate +
                                           ". The rows come from the server; the file may be "
                                           "deleted.");
  }
  if (batch.table == nullptr || batch.handle.empty()) return std::nullopt;
  batch.reset = true;
  handle_ = batch.handle;
  offset_ = batch.offset;
  return batch;
}

std::optional<ShapeLog::Flaw> ShapeLog::read(ShapeBatch& batch) {
  if (auto flaw = read_head()) return flaw;
  if (file_.size() < kHeadBytes) return std::nullopt;
  FrameReader reader(file_.descriptor(), kHeadBytes, file_.size());
  return read_frames(reader, batch);
}

std::optional<ShapeLog::Flaw> ShapeLog::read_head() {
  std::array<char, kHeadBytes> bytes{};
  const ssize_t count = pread(file_.descriptor(), bytes.data(), bytes.size(), 0);
  const std::string_view head(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (head.substr(0, kMagic.size()) != kMagic.substr(0, head.size())) {
    return Flaw{"foreign", path_.string() + " is not a cache of a shape"};
  }
  if (head.size() < kHeadBytes) return std::nullopt;
  const std::uint32_t version = get_u32(head, kMagic.size());
  if (version > kVersion) {
    return Flaw{"newer", path_.string() + " was written by a newer Patchbay"};
  }
  if (version < kVersion) return Flaw{"damaged", path_.string() + " is damaged at its start"};
  return std::nullopt;
}

/// Takes whole batches and cuts off what follows the last one.
std::optional<ShapeLog::Flaw> ShapeLog::read_frames(FrameReader& reader, ShapeBatch& batch) {
  const auto damaged = [&] {
    return Flaw{"damaged",
                path_.string() + " is damaged at byte " + std::to_string(reader.position())};
  };
  std::size_t whole_changes = 0;
  std::uint64_t whole_bytes = kHeadBytes;
  while (const auto frame = reader.next()) {
    if (frame->kind == FrameKind::shape && batch.table == nullptr) {
      const auto shape = read_shape(frame->payload);
      if (!shape) return damaged();
      if (shape->identity != identity_) {
        return Flaw{"foreign", path_.string() + " caches another shape (" +
                                   std::string(shape->identity) + ")"};
      }
      batch.table = shape->schema;
      continue;
    }
    if (batch.table == nullptr || !take_frame(*frame, batch)) return damaged();
    if (frame->kind != FrameKind::position) continue;
    whole_changes = batch.changes.size();
    whole_bytes = reader.position();
    if (rows_bytes_ == 0) rows_bytes_ = whole_bytes;
  }
  if (reader.end() == FrameEnd::damaged) return damaged();
  batch.changes.resize(whole_changes);
  usable_ = rows_bytes_ > 0 && (whole_bytes == file_.size() || file_.cut(whole_bytes).has_value());
  return std::nullopt;
}

bool ShapeLog::take_frame(const Frame& frame, ShapeBatch& batch) {
  if (frame.kind == FrameKind::rows) return read_rows(frame.payload, *batch.table, batch.changes);
  if (frame.kind != FrameKind::position) return false;
  const auto position = read_position(frame.payload);
  if (!position) return false;
  batch.handle = position->handle;
  batch.offset = position->offset;
  return true;
}

Result<std::filesystem::path> ShapeLog::put_aside() {
  auto aside = set_aside(path_, must_go_);
  if (aside) must_go_.clear();
  return aside;
}

Result<void> ShapeLog::store(const StreamBatch& batch) {
  auto stored = batch.reset ? replace(batch) : append(batch);
  usable_ = stored.has_value();
  if (!usable_) return stored;
  handle_ = batch.handle;
  offset_ = batch.offset;
  return {};
}

Result<void> ShapeLog::replace(const StreamBatch& batch) {
  if (!must_go_.empty()) {
    if (const auto aside = put_aside(); !aside) return tl::unexpected(aside.error());
  }
  const std::filesystem::path temporary = path_.string() + ".new";
  auto file = CacheFile::create(temporary);
  if (!file) return tl::unexpected(file.error());
  std::string bytes(kMagic);
  put_u32(bytes, kVersion);
  append_frame(bytes, FrameKind::shape, write_shape({identity_, batch.table}));
  auto written = write_batch(*file, std::move(bytes), batch);
  if (written) written = file->move_to(path_);
  if (!written) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    return written;
  }
  rows_bytes_ = file->size();
  file_ = *std::move(file);
  return {};
}

Result<void> ShapeLog::append(const StreamBatch& batch) {
  if (!usable_) return failure(ErrorCode::retry, path_.string() + " holds no rows to add to");
  if (batch.changes.empty() && batch.handle == handle_ && batch.offset == offset_) return {};
  const std::uint64_t whole = file_.size();
  auto written = write_batch(file_, {}, batch);
  if (!written) (void)file_.cut(whole);
  return written;
}

/// Writes `bytes`, then the batch, in pieces of about a frame.
Result<void> ShapeLog::write_batch(CacheFile& file, std::string bytes, const StreamBatch& batch) {
  std::string rows;
  const auto flush = [&]() -> Result<void> {
    if (!rows.empty()) append_frame(bytes, FrameKind::rows, rows);
    rows.clear();
    auto written = file.append(bytes);
    bytes.clear();
    return written;
  };
  for (const Change& change : batch.changes) {
    append_row(rows, change);
    if (rows.size() < tuning::kCacheFrameBytes) continue;
    if (auto written = flush(); !written) return written;
  }
  if (!rows.empty()) append_frame(bytes, FrameKind::rows, rows);
  append_frame(bytes, FrameKind::position, write_position({batch.handle, batch.offset}));
  return file.append(bytes);
}

}  // namespace patchbay::electric
