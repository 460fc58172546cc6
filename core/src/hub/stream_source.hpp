// StreamSource: the hub as a runner sees it, so that a runner can be tested without one.
// Implemented by Hub.
#pragma once

#include <string>
#include <vector>

#include "hub/stream_batch.hpp"

namespace patchbay {

class StreamSource {
 public:
  virtual ~StreamSource() = default;
  /// From now on the subscriber gets the batches of these tables; first, for each table that has
  /// been up to date, a reset batch with all its rows. [any thread]
  virtual void subscribe(StreamSubscriber& subscriber, std::vector<std::string> tables) = 0;
  /// Nothing is delivered after this has been carried out on the hub's strand. [any thread]
  virtual void unsubscribe(StreamSubscriber& subscriber) = 0;
  /// Asks the server for news of a table now, past caches, so that its LSN moves. [any thread]
  virtual void ask(const std::string& table) = 0;
};

}  // namespace patchbay
