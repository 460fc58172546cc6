#include "sim/model_files.hpp"

#include <utility>

namespace patchbay::sim {

Result<WatchedFileId> ModelFiles::watch(const std::filesystem::path&, Executor& executor,
                                        std::function<void()> changed) {
  watched_.emplace(++last_, Watched{&executor, std::move(changed)});
  return last_;
}

void ModelFiles::changed() const {
  for (const auto& [id, one] : watched_) one.executor->post(one.changed);
}

}  // namespace patchbay::sim
