// ApiWriter: an app that writes by calls of the local API, one after the other on a thread of its
// own, and repeats a call under its write_id until it has an answer. Storm -> this -> the host.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "storm/storm_account.hpp"
#include "storm/storm_rows.hpp"
#include "storm/writing_thread.hpp"

namespace patchbay::test {

class ApiWriter {
 public:
  /// `page` is asked before each call; "" while no host runs.
  ApiWriter(StormRows rows, StormAccount& account, std::function<std::string()> page);

  void write(int transactions) { thread_.write(transactions); }
  [[nodiscard]] bool is_done() const { return thread_.is_done(); }
  /// Answers that refuse a good write before it is accepted; "" when there was none.
  [[nodiscard]] std::string wrong() const;

 private:
  /// False when it is stopped before there was an answer.
  bool write_one();

  StormRows rows_;
  StormAccount& account_;
  const std::function<std::string()> page_;
  mutable std::mutex mutex_;  // guards what follows
  std::string wrong_;

  WritingThread thread_;
};

}  // namespace patchbay::test
