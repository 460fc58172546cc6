// A durable pattern starts whatever has become of its files: it says what it set aside, sends what
// can be read of its writes, and nothing else. Files of a seed are damaged, one in each round.
// PATCHBAY_LONG=1: thousands of rounds. PATCHBAY_SEED=<n>: others.
#include <fstream>
#include <map>
#include <random>

#include "immutable/immutable_pattern.hpp"
#include "plugins/durable_fixture.hpp"
#include "support/seeded.hpp"
#include "through-db/through_db_pattern.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kWrites = 60;
/// The number that one page can hold of them, with those that have a part there.
constexpr std::size_t kWritesOfAPageMax = 14;
#if defined(__SANITIZE_THREAD__)  // one thread at ten times the cost: it has little to find
constexpr int kLongRounds = 500;
#else
constexpr int kLongRounds = 3'000;
#endif

struct Damaged {
  std::string what;
  bool one_place = false;  ///< No more than one page is hit.
  bool ends_log = false;   ///< As a power failure might: nobody can say that there was more.
};

class Damager {
 public:
  explicit Damager(std::uint64_t seed) : random_(seed) {}

  /// Damages one of the files whose names start so.
  Damaged damage(const std::string& file) {
    const char* endings[] = {"", "-wal", "-wal", ""};
    const std::string path = file + endings[below(4)];
    const std::string name = fs::path(path).filename().string();
    if (!fs::exists(path)) return {name + " is not there", true};
    const std::uintmax_t size = fs::file_size(path);
    switch (below(8)) {
      case 0: {
        const std::uintmax_t length = below(size + 1);
        fs::resize_file(path, length);
        return {name + " is cut to " + std::to_string(length), false, name.ends_with("-wal")};
      }
      case 1: {
        const std::uintmax_t sector = below(size / 512 + 1) * 512;
        overwrite(path, sector, std::string(std::min<std::uintmax_t>(512, size - sector), '\0'));
        return {name + " has zeros at " + std::to_string(sector), true};
      }
      case 2:
        return replace(path, name);
      default: {
        const std::uintmax_t byte = below(size);
        const auto bit = static_cast<int>(below(8));
        std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(static_cast<std::streamoff>(byte));
        const int value = bytes.get();
        overwrite(path, byte, std::string(1, static_cast<char>(value ^ (1 << bit))));
        return {name + " has bit " + std::to_string(bit) + " of byte " + std::to_string(byte) +
                    " flipped",
                true};
      }
    }
  }

 private:
  std::uintmax_t below(std::uintmax_t end) { return end == 0 ? 0 : random_() % end; }
  static void overwrite(const std::string& path, std::uintmax_t at, const std::string& with) {
    std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes << with;
  }
  Damaged replace(const std::string& path, const std::string& name) {
    const bool is_log = name.ends_with("-wal");
    fs::remove(path);
    switch (below(4)) {
      case 0:
        fs::create_directory(path);
        std::ofstream(path + "/inside") << "text";
        return {name + " is a directory", false, false};
      case 1:
        std::ofstream(path) << std::string(5'000, 'n');
        return {name + " is text", false, false};
      case 2:
        std::ofstream(path).flush();
        return {name + " is empty", false, is_log};
      default:
        return {name + " is gone", false, is_log};
    }
  }

  std::mt19937_64 random_;
};

template <typename PatternType>
class DamagedStore : public DurableFixture<PatternType> {
 protected:
  explicit DamagedStore(const std::string& name) : DurableFixture<PatternType>(name) {}

  /// Rows, and unfinished writes of one to three operations; `keep` gets the files as a kill would
  /// leave them: half of the writes are in the log only.
  void make(const fs::path& keep) {
    this->host_.settings["synchronous"] = "normal";  // no power fails here
    std::vector<RowRef> rows;
    for (int at = 1; at <= 40; ++at) rows.push_back(item(std::to_string(at), "milk"));
    this->sync(rows);
    this->driver_->write(1, {insert_item("900", "first")});
    for (std::uint32_t at = 2; at <= kWrites; ++at) {
      std::vector<Operation> operations;
      for (std::uint32_t index = 0; index <= at % 3; ++index) {
        operations.push_back(insert_item(std::to_string(1000 + at * 10 + index),
                                         std::string(300, static_cast<char>('a' + at % 26))));
      }
      ASSERT_TRUE(this->driver_->write(at, operations).starts_with("accept"));
      if (at == kWrites / 2) this->other().exec("PRAGMA wal_checkpoint");
    }
    for (const Write& write : this->driver_->effects.sent)
      written_[print(write.id)] = in_words(write);
    fs::create_directory(keep);
    for (const char* ending : {"", "-wal"}) {
      fs::copy_file(this->file() + ending, keep.string() + "/store" + ending);
    }
    this->other_.reset();
    this->close();
  }
  void put_back(const fs::path& keep) {
    this->close();
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(this->host_.directory)) {
      if (entry.path() != keep) old.push_back(entry.path());
    }
    for (const fs::path& path : old) fs::remove_all(path);
    for (const char* ending : {"", "-wal"}) {
      fs::copy_file(keep.string() + "/store" + ending, this->file() + ending);
    }
    std::ofstream(this->file() + ".lease").flush();
    this->host_.logged.clear();
  }
  /// The fault in what the pattern sent at its start; "" for nothing.
  std::string judge(const Damaged& damaged, const std::string& started) {
    if (started.starts_with("error")) return started;
    const auto& sent = this->driver_->effects.sent;
    for (const Write& write : sent) {
      const auto known = written_.find(print(write.id));
      if (known == written_.end()) return "sent " + in_words(write) + ", which nobody wrote";
      if (known->second != in_words(write))
        return "sent " + in_words(write) + ", not " + known->second;
    }
    const std::size_t lost = written_.size() - std::min(written_.size(), sent.size());
    const bool said = !this->host_.logged.empty() || damaged.ends_log;
    if (lost > 1 && !said) return std::to_string(lost) + " lost without a word";
    if (damaged.one_place && lost > kWritesOfAPageMax) return std::to_string(lost) + " lost";
    lost_ += lost;
    return "";
  }
  void run() {
    const fs::path keep = fs::path(this->host_.directory) / "keep";
    make(keep);
    Damager damager(seed());
    const int rounds = is_long() ? kLongRounds : 25;
    for (int round = 0; round < rounds; ++round) {
      put_back(keep);
      const Damaged damaged = damager.damage(this->file());
      const std::string context =
          damaged.what + ", round " + std::to_string(round) + ", " + seed_text();
      ASSERT_EQ(judge(damaged, this->open()), "") << context << "\n" << this->logged();
      const std::size_t kept = this->driver_->effects.sent.size();
      EXPECT_EQ(this->driver_->write(5'000, {insert_item("1", "after")}).substr(0, 11),
                "accept 5000")
          << context;
      const std::string reset = this->driver_->reset({item("1", "milk")});
      // What a quick check leaves out, as what an index says, is met by a step; the next start
      // mends it.
      const bool met_later = reset.starts_with("error corrupt");
      EXPECT_TRUE(met_later || reset == "table items") << reset << context;
      for (int start = met_later ? 0 : 1; start < 2; ++start) {
        this->host_.logged.clear();
        ASSERT_FALSE(this->open().starts_with("error")) << context;
        EXPECT_EQ(this->driver_->effects.sent.size(), kept + 1) << context;
      }
      EXPECT_EQ(this->logged(), "") << "once: " << context;
      if (this->HasFailure()) return;
    }
    this->RecordProperty("lost", std::to_string(lost_));
  }
  [[nodiscard]] std::string logged() const {
    std::string all;
    for (const std::string& line : this->host_.logged) all += line + "\n";
    return all;
  }

  std::map<std::string, std::string> written_;
  std::size_t lost_ = 0;
};

class DamagedImmutable : public DamagedStore<immutable::ImmutablePattern> {
 protected:
  DamagedImmutable() : DamagedStore("immutable.db") {}
};

TEST_F(DamagedImmutable, StartsWhateverByteOfWhateverFile) {
  run();
}

class DamagedThroughDb : public DamagedStore<through_db::ThroughDbPattern> {
 protected:
  DamagedThroughDb() : DamagedStore("through-db.db") {}
};

TEST_F(DamagedThroughDb, StartsWhateverByteOfWhateverFile) {
  run();
}

}  // namespace
}  // namespace patchbay::test
