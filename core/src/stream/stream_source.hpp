// StreamSource: the hub as a runner sees it, so that a runner can be tested without one.
// Implemented by Hub.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stream/stream_batch.hpp"

namespace patchbay {

class StreamSource {
 public:
  virtual ~StreamSource() = default;
  /// Subscribes: from now on the subscriber gets the batches of these tables; first, for each table
  /// that has been up to date, a reset batch with all its rows. Held until `unsubscribe`. [any
  /// thread]
  virtual void subscribe(std::shared_ptr<StreamSubscriber> subscriber,
                         std::vector<std::string> tables) = 0;
  /// Ends a subscription: once this was carried out, the delivery of no batch starts. [any thread]
  virtual void unsubscribe(std::shared_ptr<StreamSubscriber> subscriber) = 0;
  /// Asks the server for news of a table now, past caches, so that its LSN moves. [any thread]
  virtual void ask(std::string table) = 0;
};

}  // namespace patchbay
