#include "write/make_write_id.hpp"

#include <random>

namespace patchbay {

WriteId make_write_id(std::chrono::system_clock::time_point now) {
  thread_local std::mt19937_64 random{(static_cast<std::uint64_t>(std::random_device{}()) << 32U) ^
                                      std::random_device{}()};
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  const auto milliseconds = static_cast<std::uint64_t>(since.count());
  WriteId id;
  for (std::uint32_t at = 0; at < 6; ++at) {
    id.bytes[at] = static_cast<std::uint8_t>(milliseconds >> (40U - 8U * at));
  }
  std::uint64_t bits = random();
  for (std::uint32_t at = 6; at < 16; ++at) {
    if (at == 8) bits = random();
    id.bytes[at] = static_cast<std::uint8_t>(bits >> (8U * (at % 8U)));
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x70U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

}  // namespace patchbay
