// WorldProof: what must hold once a healthy network has brought everything to rest: the view, the
// events and the server agree, and every write has ended as the app was told. The server, the
// events and the view -> this -> sentences on what is wrong. Changes nothing; one thread.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "port/pattern_port.hpp"
#include "sim/model_server.hpp"
#include "sim/world_events.hpp"

namespace patchbay::sim {

/// Why the pattern has failed, as a line; "" while it runs.
[[nodiscard]] std::string failure_of(const PatternStatus& pattern);

/// Each function gives one sentence a line, and "" when nothing is wrong.
class WorldProof {
 public:
  /// Gives the rows of a table's view.
  using ReadView = std::function<std::vector<ViewRow>(const std::string& table)>;

  /// The server and the events outlive the proof.
  WorldProof(const ModelServer& server, const WorldEvents& events, ReadView read)
      : server_(server), events_(events), read_(std::move(read)) {}

  /// Compares the view of each table with the server's rows and with what events told.
  [[nodiscard]] std::string wrong_in_tables() const;
  /// Looks for writes that have not ended, or whose end is not what the server did.
  [[nodiscard]] std::string wrong_in_writes() const;
  /// Looks for writes that reached the server before earlier ones.
  [[nodiscard]] std::string wrong_in_order() const;

 private:
  [[nodiscard]] std::string wrong_in_table(const std::string& table) const;

  const ModelServer& server_;
  const WorldEvents& events_;
  ReadView read_;
};

}  // namespace patchbay::sim
