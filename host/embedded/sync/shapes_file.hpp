// ShapesFile: decides when the shapes are written for the successor of this service, and
// thereby how far the server may forget its log. ShapeRegistry, which owns it → kept_shapes.hpp →
// one JSON file. On the strand of the shapes; the store outlives it.
//
// Invariant: `confirmed` is never beyond the position of the file, or of an attempt to write it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "embedded/sync/kept_shapes.hpp"
#include "embedded/sync/shape_store.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

class ShapesFile {
 public:
  /// Reads what the predecessor of this service left. Without a path nothing is written, and
  /// everything is confirmed.
  ShapesFile(std::filesystem::path path, const ShapeStore& store, Executor& executor, Clock& clock);

  /// The shapes as read, or as written last.
  [[nodiscard]] const KeptShapes& kept() const noexcept { return kept_; }

  /// Notes that the stream starts at `position` of the server `system`.
  void stream_started(const std::string& system, std::uint64_t position);
  /// Writes once the stream is past the last position written; see StreamListener::reached.
  void reached(std::uint64_t position, bool waits);
  /// Writes the shapes for a stream that continues from `position`.
  void write_at(std::uint64_t position);
  /// Writes the shapes for a stream that continues from where the last writing said.
  void write() { write_at(kept_.position); }
  /// As `write`, but once for all shapes made within a short time: each writes the whole file.
  void write_soon();
  /// Writes immediately what `write_soon` postponed. Also once the strand has ended.
  void finish();

  /// The server may forget its log before this position. [any thread]
  [[nodiscard]] std::uint64_t confirmed() const { return confirmed_; }

 private:
  std::filesystem::path path_;
  const ShapeStore& store_;
  Executor& executor_;
  Clock& clock_;
  KeptShapes kept_;
  std::atomic<std::uint64_t> confirmed_{0};
  std::uint64_t last_reached_ = 0;
  bool writing_soon_ = false;
  bool writable_ = true;  ///< The last time.
};

}  // namespace patchbay::embedded
