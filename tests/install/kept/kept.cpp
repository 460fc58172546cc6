// The least that needs the code, and not only the headers, of patchbay::sqlite.
#include <patchbay/plugin.hpp>
#include <patchbay/sqlite/store.hpp>

namespace {

using namespace patchbay;

class KeptPattern final : public Pattern {
 public:
  Result<void> start(Host& host, const Succession*, Effects&) override {
    sqlite::StoreOptions options;
    options.file = std::filesystem::path(host.data_directory()) / "kept.db";
    auto opened = sqlite::Store::open(std::move(options), host);
    if (!opened) return tl::unexpected(opened.error());
    store_ = *std::move(opened);
    return {};
  }
  Result<void> adopt(const Handover&, Effects&) override { return {}; }
  Result<void> on_batch(const Batch&, Effects&) override { return {}; }
  Result<void> on_write(const Write& write, Effects& effects) override {
    effects.send(write, SendOptions{});
    return {};
  }
  Result<void> on_outcome(const Outcome&, Effects&) override { return {}; }
  Result<void> read(const Query&, RowSink&) override { return {}; }

 private:
  std::unique_ptr<sqlite::Store> store_;
};

}  // namespace

PATCHBAY_PLUGIN(KeptPattern, "kept", "1.0.0", "Opens a store.", 0);
