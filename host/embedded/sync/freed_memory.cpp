#include "embedded/sync/freed_memory.hpp"

#include <malloc.h>

#include "embedded/tuning.hpp"

namespace patchbay::embedded {

FreedMemory::FreedMemory(Executor& executor) : executor_(executor) {
  mallopt(M_MMAP_THRESHOLD, tuning::kMappedBlockBytes);
  mallopt(M_MXFAST, 0);
}

void FreedMemory::note(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ < tuning::kFreedBytesMin) return;
  bytes_ = 0;
  executor_.post([] { malloc_trim(0); });
}

}  // namespace patchbay::embedded
