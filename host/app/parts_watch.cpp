#include "app/parts_watch.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "app/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::app {
namespace {

/// The one's words stand in the other's.
bool says_all_of(const api::Trouble& one, const api::Trouble& other) {
  return one.part == other.part && one.message.find(other.message) != std::string::npos;
}

}  // namespace

std::vector<api::Trouble> troubles_of(const WatchedPart& part,
                                      const Result<net::HttpResponse>& answer) {
  if (!answer) return {{part.part, "It does not answer: " + answer.error().message}};
  if (answer->status < 500) return {};
  std::vector<api::Trouble> troubles = api::read_troubles(answer->body);
  if (troubles.empty()) {
    troubles.push_back({part.part, "It answers with status " + std::to_string(answer->status) +
                                       "; look at its own log."});
  }
  return troubles;
}

void add_once(const api::Trouble& trouble, std::vector<api::Trouble>& all) {
  if (std::ranges::any_of(all, [&](const auto& one) { return says_all_of(one, trouble); })) return;
  std::erase_if(all, [&](const auto& one) { return says_all_of(trouble, one); });
  all.push_back(trouble);
}

class PartsWatch::State : public std::enable_shared_from_this<State> {
 public:
  State(Seams seams, std::vector<WatchedPart> parts, Listener changed)
      : http_(seams.http),
        strand_(std::move(seams.strand)),
        clock_(seams.clock),
        parts_(std::move(parts)),
        heard_(parts_.size()),
        changed_(std::move(changed)) {}

  /// On the strand, as is all below.
  void begin() {
    for (std::size_t index = 0; index < parts_.size(); ++index) ask(index, parts_[index].ready_url);
    if (parts_.empty()) changed_({});
  }
  [[nodiscard]] Executor& strand() { return *strand_; }
  void end() { ended_ = true; }

 private:
  void ask(std::size_t index, const std::string& url) {
    if (ended_) return;
    const WatchedPart& part = parts_[index];
    net::HttpRequest request;
    request.url = url;
    request.connect_timeout = kWatchPatience;
    request.idle_timeout = kWatchPatience;
    if (!part.token.empty()) request.headers.add("Authorization", "Bearer " + part.token);
    const bool is_fallback = url != part.ready_url;
    http_.send(std::move(request), [weak = weak_from_this(), index, is_fallback](auto answer) {
      const auto state = weak.lock();
      if (!state) return;
      state->strand_->post([state, index, is_fallback, answer = std::move(answer)] {
        state->take(index, is_fallback, answer);
      });
    });
  }

  void take(std::size_t index, bool is_fallback, const Result<net::HttpResponse>& answer) {
    if (ended_) return;
    const WatchedPart& part = parts_[index];
    // A part that is not ours has no such route, or keeps it for others; it is there all the same.
    if (!is_fallback && answer && answer->status >= 400 && answer->status < 500) {
      return ask(index, part.fallback_url);
    }
    heard_[index] = troubles_of(part, answer);
    tell();
    // The timer keeps the strand that it posts to.
    clock_.after(kPartsWatchInterval, *strand_, [state = shared_from_this(), index] {
      state->ask(index, state->parts_[index].ready_url);
    });
  }

  void tell() {
    std::vector<api::Trouble> all;
    for (const auto& heard : heard_) {
      if (!heard) return;
      for (const api::Trouble& trouble : *heard) add_once(trouble, all);
    }
    if (told_ == all) return;
    write_log(all);
    told_ = all;
    changed_(std::move(all));
  }

  void write_log(const std::vector<api::Trouble>& all) {
    std::set<std::string> away;
    for (const api::Trouble& trouble : all) {
      if (!away.insert(trouble.part).second || away_.contains(trouble.part)) continue;
      log::warning(trouble.part, "Not ready: " + trouble.message);
    }
    for (const std::string& part : away_) {
      if (!away.contains(part)) log::info(part, "It is ready again.");
    }
    away_ = std::move(away);
  }

  net::HttpClient& http_;
  std::unique_ptr<Executor> strand_;
  Clock& clock_;
  const std::vector<WatchedPart> parts_;
  std::vector<std::optional<std::vector<api::Trouble>>> heard_;  ///< Nothing: not heard of yet.
  std::optional<std::vector<api::Trouble>> told_;
  std::set<std::string> away_;
  const Listener changed_;
  bool ended_ = false;
};

PartsWatch::PartsWatch(Seams seams, std::vector<WatchedPart> parts, Listener changed)
    : state_(std::make_shared<State>(std::move(seams), std::move(parts), std::move(changed))) {
  state_->strand().post([state = state_] { state->begin(); });
}

PartsWatch::~PartsWatch() {
  state_->strand().post([state = state_] { state->end(); });
}

}  // namespace patchbay::app
