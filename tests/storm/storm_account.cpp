#include "storm/storm_account.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace patchbay::test {
namespace {

using ChangeName = std::tuple<std::string, std::int64_t, std::int64_t>;

struct Fate {
  const StormOperation* operation = nullptr;
  std::size_t transaction = 0;
  std::vector<std::size_t> applied;  ///< Places in the order in which PostgreSQL applied.
  std::vector<std::size_t> refused;  ///< Numbers of refused writes.
};

ChangeName name_of(const std::string& kind, const std::string& table, std::int64_t id,
                   std::int64_t stamp) {
  return {table, id, kind == "delete" ? 0 : stamp};
}

std::string text_of(const StormOperation& one) {
  return one.kind + " of " + one.table + " " + std::to_string(one.id) + " (stamp " +
         std::to_string(one.stamp) + (one.is_bad ? ", bad)" : ")");
}

/// One comparison of what was accepted with what became of it.
class Audit {
 public:
  Audit(const std::vector<StormTransaction>& transactions,
        const std::map<std::pair<std::string, std::int64_t>, bool>& seeded)
      : transactions_(transactions), seeded_(seeded) {
    for (std::size_t number = 0; number < transactions.size(); ++number) {
      for (const StormOperation& one : transactions[number].operations) {
        Fate& fate = fates_[name_of(one.kind, one.table, one.id, one.stamp)];
        fate.operation = &one;
        fate.transaction = number;
        by_row_[{one.table, one.id}].push_back(&fate);
      }
    }
    for (auto& [row, fates] : by_row_) {
      std::ranges::sort(fates, {}, [](const Fate* fate) { return fate->operation->stamp; });
    }
  }

  std::string run(const std::vector<StormChange>& applied,
                  const std::vector<StormRefusal>& refusals) {
    for (std::size_t place = 0; place < applied.size(); ++place) {
      if (Fate* fate = find(applied[place])) fate->applied.push_back(place + 1);
    }
    for (std::size_t number = 0; number < refusals.size(); ++number) {
      for (const StormChange& one : refusals[number].operations) {
        if (Fate* fate = find(one)) fate->refused.push_back(number);
      }
    }
    for (const auto& [row, fates] : by_row_) check_row(fates);
    for (const StormTransaction& one : transactions_) check_whole(one);
    for (std::size_t number = 0; number < refusals.size(); ++number) {
      check_refusal(refusals[number], number);
    }
    return wrong_;
  }

 private:
  void say(const std::string& sentence) { wrong_ += sentence + "\n"; }

  Fate* find(const StormChange& change) {
    const auto found = fates_.find(name_of(change.kind, change.table, change.id, change.stamp));
    if (found != fates_.end()) return &found->second;
    say("Nobody wrote the " + change.kind + " of " + change.table + " " +
        std::to_string(change.id) + " (stamp " + std::to_string(change.stamp) + ").");
    return nullptr;
  }
  const Fate& fate_of(const StormOperation& one) const {
    return fates_.at(name_of(one.kind, one.table, one.id, one.stamp));
  }

  /// Whether the row is there for this operation, after those before it that were applied.
  bool has_row(const StormOperation& one) const {
    bool there = seeded_.contains({one.table, one.id});
    for (const Fate* fate : by_row_.at({one.table, one.id})) {
      if (fate->operation->stamp >= one.stamp) break;
      if (fate->applied.empty()) continue;
      if (fate->operation->kind == "insert") there = true;
      if (fate->operation->kind == "delete") there = false;
    }
    return there;
  }
  bool is_refusable(const StormOperation& one) const {
    if (one.is_bad || (one.kind == "update" && !has_row(one))) return true;
    if (one.parent == 0 || seeded_.contains({"parents", one.parent})) return false;
    const auto row = by_row_.find({"parents", one.parent});
    return row == by_row_.end() || row->second.front()->applied.empty();
  }

  void check_row(const std::vector<Fate*>& fates) {
    std::size_t last = 0;
    for (const Fate* fate : fates) {
      const std::string text = "The " + text_of(*fate->operation);
      const std::size_t applied = fate->applied.size();
      const std::size_t refused = fate->refused.size();
      const bool leaves_no_trace = fate->operation->kind == "delete" && !has_row(*fate->operation);
      if (applied + refused == 0 && !leaves_no_trace) say(text + " is lost.");
      if (applied + refused > 1) {
        say(text + " is applied " + std::to_string(applied) + " times and refused " +
            std::to_string(refused) + " times.");
      }
      if (applied == 0) continue;
      if (fate->applied.front() < last) say(text + " came before an earlier one on its row.");
      last = std::max(last, fate->applied.back());
    }
  }

  void check_whole(const StormTransaction& one) {
    if (!one.stays_whole) return;
    const auto is_refused = [&](const StormOperation& operation) {
      return !fate_of(operation).refused.empty();
    };
    const auto refused = std::ranges::count_if(one.operations, is_refused);
    if (refused == 0 || refused == std::ssize(one.operations)) return;
    say("The transaction with the " + text_of(one.operations.front()) +
        " is torn: " + std::to_string(refused) + " of its " +
        std::to_string(one.operations.size()) + " operations were refused.");
  }

  void check_refusal(const StormRefusal& refusal, std::size_t number) {
    std::vector<const Fate*> fates;
    for (const StormChange& one : refusal.operations) {
      const auto found = fates_.find(name_of(one.kind, one.table, one.id, one.stamp));
      if (found != fates_.end()) fates.push_back(&found->second);
    }
    std::vector<std::size_t> group(fates.size());
    std::iota(group.begin(), group.end(), std::size_t{0});
    for (std::size_t later = 1; later < fates.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        if (group[earlier] == group[later] || !belong_together(*fates[earlier], *fates[later])) {
          continue;
        }
        std::ranges::replace(group, group[later], group[earlier]);
      }
    }
    std::vector<bool> explained(fates.size());
    for (std::size_t at = 0; at < fates.size(); ++at) {
      if (is_refusable(*fates[at]->operation)) explained[group[at]] = true;
    }
    for (std::size_t at = 0; at < fates.size(); ++at) {
      if (explained[group[at]]) continue;
      say("The " + text_of(*fates[at]->operation) + " was refused without a reason, in the write " +
          refusal.write_id + ", the refused one of number " + std::to_string(number) + " with " +
          std::to_string(fates.size()) + " operations.");
    }
  }
  bool belong_together(const Fate& one, const Fate& other) const {
    const auto row = [](const Fate& fate) {
      return std::pair(fate.operation->table, fate.operation->id);
    };
    return row(one) == row(other) || one.transaction == other.transaction;
  }

  const std::vector<StormTransaction>& transactions_;
  const std::map<std::pair<std::string, std::int64_t>, bool>& seeded_;
  std::map<ChangeName, Fate> fates_;
  std::map<std::pair<std::string, std::int64_t>, std::vector<Fate*>> by_row_;
  std::string wrong_;
};

}  // namespace

void StormAccount::accept(StormTransaction transaction) {
  const std::lock_guard lock(mutex_);
  transactions_.push_back(std::move(transaction));
}

std::string StormAccount::wrong(const std::vector<StormChange>& applied,
                                const std::vector<StormRefusal>& refusals) const {
  const std::lock_guard lock(mutex_);
  return Audit(transactions_, seeded_).run(applied, refusals);
}

std::size_t StormAccount::accepted() const {
  const std::lock_guard lock(mutex_);
  return transactions_.size();
}

}  // namespace patchbay::test
