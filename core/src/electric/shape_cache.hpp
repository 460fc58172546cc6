// ShapeCache: keeps the rows of one shape on disk, so that the next start has rows to show
// immediately and asks the server only for what is new. Followed shape -> shape cache -> shape log.
// Owned by the followed shape; its calls come from the hub's strand, the work is done on the
// cache's worker. A cache that cannot be written is logged once and tried again; nothing else
// depends on it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "electric/batch_builder.hpp"
#include "electric/shape_options.hpp"

namespace patchbay {
class Clock;
class Executor;
}  // namespace patchbay

namespace patchbay::electric {

struct CacheOptions {
  std::filesystem::path directory;  ///< One file a table; made when needed. "": nothing is cached.
  /// A name for the server where its URL does not stay the same. "": the URL.
  std::string server;
  /// Where files are read and written. It may block, so it is the strand of nothing else. Null:
  /// nothing is cached.
  Executor* worker = nullptr;

  [[nodiscard]] bool is_on() const noexcept { return worker != nullptr && !directory.empty(); }
};

/// All that makes a shape what it is, in one line of text.
[[nodiscard]] std::string shape_identity(const ShapeOptions& options, const std::string& server);
/// "items.log"; what is unsafe in the name of a file is written as %XX.
[[nodiscard]] std::string cache_file_name(const std::string& table);

class ShapeCache {
 public:
  struct Listener {
    /// The rows of the file, as a reset batch without evidence; nothing when it holds nothing that
    /// can be used.
    std::function<void(std::optional<ShapeBatch>)> loaded;
    /// Asks for a reset batch with all rows, to be stored soon.
    std::function<void()> rows_wanted;
  };

  /// The listener is called on the worker: it only posts. `options` is on.
  ShapeCache(const CacheOptions& options, const ShapeOptions& shape, Clock& clock,
             Listener listener);
  ~ShapeCache();
  ShapeCache(const ShapeCache&) = delete;
  ShapeCache& operator=(const ShapeCache&) = delete;

  /// Reads the file; `loaded` follows. Once, before the first `store`. [any thread]
  void load();
  /// The next batch of the shape; with `reset` all its rows. [any thread]
  void store(StreamBatchRef batch);

 private:
  class Worker;

  Executor& executor_;
  std::shared_ptr<Worker> worker_;
};

}  // namespace patchbay::electric
