// Whichever call to the system fails, and why, while a store is opened, written or taken over from
// a damaged one: it is said with what is to be done, and once calls succeed again, nothing is
// missing.
#include <sys/types.h>

#include <array>
#include <cerrno>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::Store;

/// SQLite's calls of one kind fail from the nth on, until this goes.
class FailingCalls {
 public:
  FailingCalls(std::span<const char* const> names, int number, int nth) : names_(names) {
    errno_ = number;
    left_ = nth;
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (std::size_t at = 0; at < names_.size(); ++at) {
      real_.at(at) = vfs->xGetSystemCall(vfs, names_[at]);
      vfs->xSetSystemCall(vfs, names_[at], stand_in(at));
    }
  }
  FailingCalls(const FailingCalls&) = delete;
  FailingCalls& operator=(const FailingCalls&) = delete;
  ~FailingCalls() {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (std::size_t at = 0; at < names_.size(); ++at) {
      vfs->xSetSystemCall(vfs, names_[at], real_.at(at));
    }
  }
  [[nodiscard]] static bool have_failed() { return left_ <= 0; }

 private:
  /// Every one of these calls takes up to four numbers or addresses.
  template <std::size_t At>
  static std::int64_t call(std::int64_t first, std::int64_t second, std::int64_t third,
                           std::int64_t fourth) {
    if (--left_ > 0) {
      using Real = std::int64_t (*)(std::int64_t, std::int64_t, std::int64_t, std::int64_t);
      const std::int64_t answer =
          reinterpret_cast<Real>(real_.at(At))(first, second, third, fourth);
      return static_cast<int>(answer) == -1 ? -1 : answer;
    }
    errno = errno_;
    return -1;
  }
  static sqlite3_syscall_ptr stand_in(std::size_t at) {
    constexpr std::array kCalls{&call<0>, &call<1>, &call<2>};
    return reinterpret_cast<sqlite3_syscall_ptr>(kCalls.at(at));
  }

  inline static int errno_ = 0;
  inline static int left_ = 0;
  inline static std::array<sqlite3_syscall_ptr, 3> real_{};
  std::span<const char* const> names_;
};

constexpr std::array kOpen{"open"};
constexpr std::array kRead{"read", "pread", "pread64"};
constexpr std::array kWrite{"write", "pwrite", "pwrite64"};
constexpr std::array kTruncate{"ftruncate"};
constexpr std::array kAllocate{"fallocate"};

struct Kind {
  std::span<const char* const> calls;
  std::vector<int> errors;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{{kOpen, {EMFILE, ENFILE, EACCES, EROFS, EIO, ENOSPC}},
                                     {kRead, {EIO}},
                                     {kWrite, {ENOSPC, EDQUOT, EIO, EROFS, EFBIG}},
                                     {kTruncate, {EIO, EROFS, ENOSPC}},
                                     {kAllocate, {ENOSPC, EIO}}};
  return all;
}

class StoreFaults : public StoreTest {
 protected:
  /// Calls `work` with each kind of call failing for each reason from the nth on, until none does.
  void sweep(const std::function<void(const std::string&)>& before,
             const std::function<Result<void>()>& work,
             const std::function<void(const std::string&)>& after) {
    for (const Kind& kind : kinds()) {
      for (const int error : kind.errors) {
        for (int nth = 1, failed = 1; failed != 0; nth += 1 + nth / 6) {
          const std::string context = std::string(kind.calls.front()) + " " +
                                      std::to_string(error) + " from " + std::to_string(nth);
          before(context);
          Result<void> done;
          {
            const FailingCalls fault(kind.calls, error, nth);
            done = work();
            failed = fault.have_failed() ? 1 : 0;
          }
          faults_ += done ? 0 : 1;
          if (!done) {
            EXPECT_EQ(done.error().code, ErrorCode::retry) << context << done.error().message;
            const bool advises = done.error().message.find("; ") < done.error().message.size();
            EXPECT_TRUE(advises) << done.error().message;
          }
          after(context);
          if (HasFailure()) return;
        }
      }
    }
  }

  int faults_ = 0;
};

TEST_F(StoreFaults, AWriteIsThereOrNotAndTheNextOneSucceeds) {
  auto store = opened();
  std::int64_t expected = 0;
  const auto write = [&]() -> Result<void> {
    Result<void> done = store->write(
        [&] { store->database().exec("INSERT INTO notes VALUES (hex(zeroblob(5000)))"); });
    if (done) ++expected;
    return done;
  };
  sweep([](const auto&) {}, write,
        [&](const std::string& context) {
          EXPECT_EQ(notes(*store), expected) << context;
          const Result<void> again = write();
          EXPECT_TRUE(again) << context << ": " << again.error().message;
          store->database().exec("PRAGMA wal_checkpoint(TRUNCATE)");
        });
  EXPECT_GT(faults_, 10);
  store.reset();
  EXPECT_EQ(notes(*opened()), expected);
}

TEST_F(StoreFaults, AStoreIsOpenedWhenTheReasonIsGone) {
  ASSERT_EQ(note(*opened(), "kept"), "");
  sweep([](const auto&) {},
        [&]() -> Result<void> {
          auto store = open();
          if (!store) return tl::unexpected(store.error());
          return {};
        },
        [&](const std::string& context) { EXPECT_EQ(notes(*opened()), 1) << context; });
  EXPECT_GT(faults_, 10);
  EXPECT_TRUE(files(".damaged-").empty());
}

TEST_F(StoreFaults, ADamagedStoreIsTakenOverWhenTheReasonIsGone) {
  {
    const auto store = opened();
    StoreTables tables(*store, host);
    ASSERT_TRUE(store->write([&] {
      tables.synced.set_schema(items_schema());
      for (std::uint32_t at = 1; at <= 20; ++at) {
        tables.journal.add(
            {sim::write_id(at), 0, {insert_item(std::to_string(at), std::string(300, 'x'))}}, 7,
            false);
      }
    }));
  }
  sweep([&](const auto&) { std::ofstream(file().string() + ".damage") << "why\n\n"; },
        [&]() -> Result<void> {
          auto store = open();
          if (!store) return tl::unexpected(store.error());
          return {};
        },
        [&](const std::string& context) {
          {
            const auto store = opened();
            StoreTables tables(*store, host);
            ASSERT_TRUE(store->read([&] {
              EXPECT_EQ(tables.journal.unfinished().size(), 20U) << context << "\n" << logged();
            }));
          }
          for (const auto& aside : files(".damaged-")) std::filesystem::remove(aside);
          host.logged.clear();
        });
  EXPECT_GT(faults_, 20);
}

}  // namespace
}  // namespace patchbay::test
