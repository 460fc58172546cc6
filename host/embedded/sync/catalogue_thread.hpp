// CatalogueThread: asks the catalogue, on a connection and thread of its own, so that a question
// never waits behind a table being read. ShapeRegistry → PostgreSQL → ShapeRegistry.
// Owned by the service; the destructor does not wait for the answer to the question at hand.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "embedded/sync/table_catalogue.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::embedded {

class CatalogueThread final : public TableCatalogue {
 public:
  explicit CatalogueThread(std::string database_url);
  ~CatalogueThread() override;
  CatalogueThread(const CatalogueThread&) = delete;
  CatalogueThread& operator=(const CatalogueThread&) = delete;

  /// Interrupts the question at hand and answers every later one with ErrorCode::cancelled.
  /// [any thread]
  void begin_stop();
  void describe(TableName name, std::string publication,
                std::function<void(Result<TableAnswer>)> callback) override;
  void states(std::vector<std::uint32_t> tables, std::string publication,
              std::function<void(Result<std::vector<TableState>>)> callback) override;

 private:
  Result<PgConnection*> connection();

  std::string database_url_;
  std::mutex connection_mutex_;  // the destructor shuts a connection its thread waits on
  std::unique_ptr<PgConnection> connection_;
  std::atomic<bool> ending_{false};
  OwnThread thread_;
};

}  // namespace patchbay::embedded
