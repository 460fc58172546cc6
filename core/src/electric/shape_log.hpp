// ShapeLog: the rows of one shape and where its stream stood, in a file, for the next start.
// Shape cache -> shape log -> file. Owned by the shape cache, on its worker.
//
//   file  = "PATCHBAY" version u32 shape-frame batch*
//   batch = rows-frame* position-frame
//
//  1. A batch counts once its position frame is there and every checksum before it holds. What is
//     behind the last such batch at the end of the file is cut off.
//  2. The first batch holds every row; the others what changed after it.
//  3. A file is replaced whole, by renaming: there is never half a first batch.
//  4. A file that is not this shape's, or damaged, or newer, is renamed, never written over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <patchbay/result.hpp>
#include <string>

#include "electric/batch_builder.hpp"
#include "electric/cache_file.hpp"
#include "electric/cache_frames.hpp"

namespace patchbay::electric {

class ShapeLog {
 public:
  /// `identity` is all that makes the shape what it is: server, table, filter.
  ShapeLog(std::filesystem::path file, std::string identity);

  /// The content, as one reset batch without evidence; nothing when there is none. An error
  /// says why a file is not used, and what became of it.
  [[nodiscard]] Result<std::optional<ShapeBatch>> load();
  /// Replaces the file when `reset` is set, else appends the batch; `load` came before. After
  /// an error only a reset batch is of use.
  [[nodiscard]] Result<void> store(const StreamBatch& batch);
  /// True while batches may be stored at the end.
  [[nodiscard]] bool is_usable() const noexcept { return usable_; }
  /// True when the file has become far larger than its rows: store a reset batch with them.
  [[nodiscard]] bool is_swollen() const noexcept;

 private:
  /// Why the file cannot be used, as its new name says it, and in a sentence.
  struct Flaw {
    std::string name;
    std::string sentence;
  };

  [[nodiscard]] std::optional<Flaw> read(ShapeBatch& batch);
  [[nodiscard]] std::optional<Flaw> read_head();
  [[nodiscard]] std::optional<Flaw> read_frames(FrameReader& reader, ShapeBatch& batch);
  [[nodiscard]] static bool take_frame(const Frame& frame, ShapeBatch& batch);
  [[nodiscard]] Result<std::filesystem::path> put_aside();
  [[nodiscard]] Result<void> replace(const StreamBatch& batch);
  [[nodiscard]] Result<void> append(const StreamBatch& batch);
  [[nodiscard]] static Result<void> write_batch(CacheFile& file, std::string bytes,
                                                const StreamBatch& batch);

  std::filesystem::path path_;
  std::string identity_;
  CacheFile file_;
  bool usable_ = false;
  std::uint64_t rows_bytes_ = 0;  // up to the end of the first batch
  std::string handle_;            // of the last batch
  std::string offset_;
  std::string must_go_;  // why the file has yet to be set aside; "" when it has not
};

}  // namespace patchbay::electric
