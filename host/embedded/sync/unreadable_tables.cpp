#include "embedded/sync/unreadable_tables.hpp"

#include <algorithm>

#include "embedded/tuning.hpp"

namespace patchbay::embedded {

using std::chrono::ceil;
using std::chrono::seconds;

UnreadableTables::Noted UnreadableTables::note(const ShapeKey& key, const std::string& message,
                                               Clock::TimePoint now) {
  Entry& entry = entries_[key];
  const bool is_new = entry.message != message;
  if (is_new) entry = {message, {}, {}, {}};
  entry.delay =
      std::clamp(entry.delay * 2, tuning::kUnreadableDelayMin, tuning::kUnreadableDelayMax);
  entry.next = now + entry.delay;
  entry.asked = now;
  return {ceil<seconds>(entry.delay), is_new};
}

std::optional<UnreadableTables::Pause> UnreadableTables::pause(const ShapeKey& key,
                                                               Clock::TimePoint now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  Entry& entry = found->second;
  entry.asked = now;
  if (now >= entry.next) return std::nullopt;
  return Pause{entry.message, ceil<seconds>(entry.next - now)};
}

std::vector<std::string> UnreadableTables::reasons(Clock::TimePoint now) {
  std::erase_if(entries_, [now](const auto& one) {
    return now - one.second.asked > tuning::kUnreadableForgotten;
  });
  std::vector<std::string> reasons;
  for (const auto& [key, entry] : entries_) reasons.push_back(entry.message);
  return reasons;
}

}  // namespace patchbay::embedded
