// ApiWriter: an app that writes by calls of the local API, one after the other on a thread of its
// own, and repeats a call under its write_id until it has an answer. Storm -> this -> the host.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "storm/storm_account.hpp"
#include "storm/storm_rows.hpp"

namespace patchbay::test {

class ApiWriter {
 public:
  /// `page` is asked before each call; "" while no host runs.
  ApiWriter(StormRows rows, StormAccount& account, std::function<std::string()> page);
  ~ApiWriter();
  ApiWriter(const ApiWriter&) = delete;
  ApiWriter& operator=(const ApiWriter&) = delete;

  void write(int transactions);
  [[nodiscard]] bool is_done() const;
  /// Answers that refuse a good write before it is accepted; "" when there was none.
  [[nodiscard]] std::string wrong() const;

 private:
  void run();
  /// False when it is stopped before there was an answer.
  bool write_one();

  StormRows rows_;
  StormAccount& account_;
  const std::function<std::string()> page_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  int left_ = 0;
  bool stopped_ = false;
  std::string wrong_;
  std::thread thread_;
};

}  // namespace patchbay::test
