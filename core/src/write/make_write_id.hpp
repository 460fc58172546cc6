// Makes UUIDv7 write ids: milliseconds since 1970, then random bits. Thread-safe.
#pragma once

#include <chrono>
#include <patchbay/write_id.hpp>

namespace patchbay {

[[nodiscard]] WriteId make_write_id(std::chrono::system_clock::time_point now);

}  // namespace patchbay
