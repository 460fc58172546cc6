// A commit whose answer never comes: unknown to the client, and whole or not at all in the
// database.
#include "integration/backend/backend_fixture.hpp"
#include "integration/backend/cutting_proxy.hpp"

namespace patchbay::test {
namespace {

class BackendLostCommit : public BackendTest {
 protected:
  /// The database's URL by way of the proxy.
  [[nodiscard]] std::string url_through(const CuttingProxy& proxy) const {
    std::string url = database_.url();
    const std::size_t colon = url.rfind(':');
    return url.replace(colon + 1, url.rfind('/') - colon - 1, std::to_string(proxy.port()));
  }
  [[nodiscard]] static std::uint16_t server_port(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
};

TEST_F(BackendLostCommit, IsAnsweredUnknownAndRepeatedWithoutHarm) {
  CuttingProxy proxy(server_port(database_.url()));
  auto through = options();
  through.database_url = url_through(proxy);
  start(through);
  ASSERT_EQ(verdict("POST", "/items", item(9, "z")), "200");
  int number = 0;
  for (const Cut cut : {Cut::before_commit, Cut::after_commit}) {
    const std::string before = sql_.value("SELECT count(*) FROM items");
    ++number;
    const std::string body = item(number, "a", with_write_id(number));
    proxy.cut_next(cut);
    const RawResponse lost = send("POST", "/items", body);
    EXPECT_EQ(lost.status, 503) << lost.body;
    EXPECT_FALSE(lost.json().contains("write_id"));
    const bool committed = cut == Cut::after_commit;
    EXPECT_TRUE(eventually(
        [&] { return (sql_.value("SELECT count(*) FROM items") != before) == committed; }));
    EXPECT_EQ(verdict("POST", "/items", body), "200");
    EXPECT_EQ(sql_.value("SELECT count(*) FROM items WHERE write_id = '" + uuid(number) + "'"),
              "1");
  }
}

TEST_F(BackendLostCommit, IsVoidedOrToldByADelete) {
  CuttingProxy proxy(server_port(database_.url()));
  auto through = options();
  through.database_url = url_through(proxy);
  start(through);
  ASSERT_EQ(verdict("POST", "/items", item(9, "z")), "200");
  proxy.cut_next(Cut::before_commit);
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "503");
  EXPECT_EQ(verdict("DELETE", "/writes/" + uuid(1)), "422");
  proxy.cut_next(Cut::after_commit);
  EXPECT_EQ(verdict("POST", "/items", item(2, "b", with_write_id(2))), "503");
  EXPECT_EQ(verdict("DELETE", "/writes/" + uuid(2)), "200");
  EXPECT_EQ(titles(), "b z");
}

}  // namespace
}  // namespace patchbay::test
