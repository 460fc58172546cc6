// ServerJournal: what a model server was asked, in a file, so that the server survives a process
// that is killed: asked the same again, it is the same again. ModelServer -> this -> the file.
// Owned by the server; one thread.
//
//   line = kind, write id, number, text, then every operation, divided by US (0x1f)
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "port/pattern_port.hpp"
#include "write/gateway.hpp"

namespace patchbay::sim {

/// One call of the model server.
struct ServerInput {
  enum class Kind : std::uint8_t { run, apply, void_write, refuse, commit, pass };
  Kind kind = Kind::run;  ///< run: another process starts to use the server.
  WriteId write;
  std::int64_t number = 0;  ///< Seconds.
  std::string text;
  std::vector<RequestedOperation> operations;
};

/// The operations as an app would ask for them.
[[nodiscard]] std::vector<RequestedOperation> requested(const std::vector<Operation>& operations);

class ServerJournal {
 public:
  explicit ServerJournal(std::filesystem::path file) : file_(std::move(file)) {}

  [[nodiscard]] std::vector<ServerInput> read() const;
  /// Adds a line; it is in the file when this returns.
  void append(const ServerInput& input) const;

 private:
  std::filesystem::path file_;
};

}  // namespace patchbay::sim
