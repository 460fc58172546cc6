// Does not come back from the step that the setting stuck_in names, until somebody writes to the
// pipe `gate` of its directory; opens the pipe `entered` when it is there.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "tiny_pattern.hpp"

namespace {

using namespace patchbay;

class StuckPattern final : public tiny::TinyPattern {
 public:
  Result<void> start(Host& host, const Succession*, Effects&) override {
    stuck_in_ = host.setting("stuck_in").value_or("");
    directory_ = host.data_directory();
    return pass("start");
  }
  Result<void> on_batch(const Batch&, Effects&) override { return pass("on_batch"); }
  Result<void> adopt(const Handover&, Effects&) override { return pass("adopt"); }

 private:
  Result<void> pass(const char* step) const {
    if (stuck_in_ != step) return {};
    close(open((directory_ + "/entered").c_str(), O_WRONLY));
    close(open((directory_ + "/gate").c_str(), O_RDONLY));
    return {};
  }

  std::string stuck_in_;
  std::string directory_;
};

}  // namespace

PATCHBAY_PLUGIN(StuckPattern, "stuck", "1.0.0", "Does not come back from a step.", 0);
