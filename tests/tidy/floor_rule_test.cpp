#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

bool may_include(const std::string& folder, const std::string& header) {
  return check_floors({"core/src/" + folder + "/a.cpp", "#include \"" + header + "\"\n"}).empty();
}

TEST(FloorRule, LetsAFolderSeeItselfAndWhatItStandsOn) {
  for (const auto& [folder, header] :
       {std::pair{"net", "net/http.hpp"}, std::pair{"time", "strand/executor.hpp"},
        std::pair{"hub", "text/json_text.hpp"}, std::pair{"hub", "stream/stream_batch.hpp"},
        std::pair{"write", "port/pattern_port.hpp"}, std::pair{"runtime", "hub/hub.hpp"}}) {
    EXPECT_TRUE(may_include(folder, header)) << folder << " " << header;
  }
}

TEST(FloorRule, RefusesAClimbAndANeighbour) {
  for (const auto& [folder, header] :
       {std::pair{"text", "net/http.hpp"}, std::pair{"rows", "text/json_text.hpp"},
        std::pair{"stream", "hub/hub.hpp"}, std::pair{"port", "stream/stream_batch.hpp"},
        std::pair{"write", "electric/shape_state.hpp"}, std::pair{"hub", "write/gateway.hpp"},
        std::pair{"write", "runtime/pattern_runner.hpp"}}) {
    EXPECT_FALSE(may_include(folder, header)) << folder << " " << header;
  }
}

TEST(FloorRule, KnowsEveryFolder) {
  EXPECT_FALSE(check_floors({"core/src/attic/a.cpp", ""}).empty());
  EXPECT_FALSE(check_floors({"core/src/loose.hpp", ""}).empty());
  EXPECT_TRUE(check_floors({"host/api/a.cpp", "#include \"hub/hub.hpp\"\n"}).empty());
}

TEST(FloorRule, LooksAtCoreAlone) {
  EXPECT_TRUE(check_floors({"core/src/log/log.cpp", "#include <hub/hub.hpp>\n"}).empty());
  EXPECT_TRUE(check_floors({"core/src/log/log.cpp", "#include \"log.hpp\"\n"}).empty());
}

}  // namespace
}  // namespace tidy
