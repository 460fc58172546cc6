#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const SourceTree kComposeTree{
    {"host/cli/a.cpp", "flag(\"--port\")"},
    {"host/config/a.cpp", "{\"PATCHBAY_TOKEN\", &token}"},
    {"examples/a.sql", ""},
};

std::string compose(const std::string& of_service) {
  const std::string text =
      "services:\n  a:\n    image: a:1\n  b:\n" + of_service + "\nvolumes:\n  data:\n";
  return print(check_containers({"docker-compose.yml", text}, kComposeTree));
}

TEST(ContainerRule, AcceptsWhatIsRight) {
  EXPECT_EQ(compose("    image: b:1.2\n"
                    "    # a comment: here\n"
                    "    depends_on:\n      a:\n        condition: service_healthy\n"
                    "    command: [\"run\", \"--port\", \"1\"]\n"
                    "    environment:\n      PATCHBAY_TOKEN: ${PATCHBAY_TOKEN:-}\n"
                    "    ports:\n      - \"127.0.0.1:1:1\"\n"
                    "    volumes:\n      - data:/a\n      - ./examples/a.sql:/b:ro\n"),
            "");
}

TEST(ContainerRule, FindsImagesWithoutVersion) {
  EXPECT_NE(compose("    image: b"), "");
  EXPECT_NE(compose("    image: b:latest"), "");
}

TEST(ContainerRule, FindsPortsOpenToTheNetwork) {
  EXPECT_EQ(compose("    ports:\n      - \"8787:8787\""),
            "docker-compose.yml:6: a port open to the network: publish it on 127.0.0.1 only\n");
}

TEST(ContainerRule, FindsWhatIsNotThere) {
  EXPECT_NE(compose("    depends_on:\n      c:\n        condition: service_healthy"), "");
  EXPECT_NE(compose("    volumes:\n      - dat:/a"), "");
  EXPECT_NE(compose("    volumes:\n      - ./examples/b.sql:/b"), "");
}

TEST(ContainerRule, FindsSettingsAndFlagsThatTheHostLacks) {
  EXPECT_NE(compose("    environment:\n      PATCHBAY_TOKENS: a"), "");
  EXPECT_NE(compose("    command: [\"run\", \"--ports\", \"1\"]"), "");
  EXPECT_EQ(print(check_containers({"Dockerfile", "CMD [\"run\", \"--prt\"]\n"}, kComposeTree)),
            "Dockerfile:1: --prt is not a patchbay flag: see host/cli for what there is\n");
  EXPECT_EQ(print(check_containers({"Dockerfile", "CMD [\"run\", \"--port\"]\n"}, kComposeTree)),
            "");
}

}  // namespace
}  // namespace tidy
