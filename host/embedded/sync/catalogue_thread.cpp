#include "embedded/sync/catalogue_thread.hpp"

#include "embedded/sync/sync_connection.hpp"

namespace patchbay::embedded {

CatalogueThread::CatalogueThread(std::string database_url)
    : database_url_(std::move(database_url)) {}

CatalogueThread::~CatalogueThread() {
  begin_stop();
}

void CatalogueThread::begin_stop() {
  const std::lock_guard lock(connection_mutex_);
  ending_ = true;
  if (connection_) connection_->sever();
}

Result<PgConnection*> CatalogueThread::connection() {
  if (connection_ && connection_->alive()) return connection_.get();
  if (ending_) return failure(ErrorCode::cancelled, "The service is ending.");
  auto opened = open_connection(database_url_, ConnectionPurpose::queries);
  const std::lock_guard lock(connection_mutex_);
  connection_.reset();
  if (!opened) return tl::unexpected(opened.error());
  connection_ = std::move(*opened);
  if (ending_) connection_->sever();
  return connection_.get();
}

void CatalogueThread::describe(TableName name, std::string publication,
                               std::function<void(Result<TableAnswer>)> callback) {
  thread_.executor().post([this, name = std::move(name), publication = std::move(publication),
                           callback = std::move(callback)] {
    callback(connection().and_then(
        [&](PgConnection* database) { return describe_table(*database, name, publication); }));
  });
}

void CatalogueThread::states(std::vector<std::uint32_t> tables, std::string publication,
                             std::function<void(Result<std::vector<TableState>>)> callback) {
  thread_.executor().post([this, tables = std::move(tables), publication = std::move(publication),
                           callback = std::move(callback)] {
    callback(connection().and_then(
        [&](PgConnection* database) { return read_states(*database, tables, publication); }));
  });
}

}  // namespace patchbay::embedded
