// The model server is the same again after its process was killed, and who joins the model stream
// gets what the others have.
#include <gtest/gtest.h>

#include "check/laws/script.hpp"
#include "plugins/plugin_directory.hpp"
#include "sim/print.hpp"
#include "sim/world.hpp"
#include "write/operation_builder.hpp"

namespace patchbay::check {
namespace {

const TableSchema& schema(const std::string& name) {
  for (const sim::ModelTable& table : sim::world_tables()) {
    if (table.schema->name == name) return *table.schema;
  }
  throw std::runtime_error("There is no table " + name);
}

Operation built(const RequestedOperation& operation) {
  return build_operation(schema(operation.table), operation).value();
}

std::string printed(const sim::ModelServer& server) {
  std::string text;
  for (const sim::ModelTable& table : server.tables()) {
    for (const auto& [key, row] : server.rows(table.schema->name)) text += sim::print(*row) + "\n";
  }
  for (const sim::Commit& one : server.log()) {
    text += std::to_string(one.txid) + " " + std::to_string(one.lsn) + " " + sim::print(one.write) +
            "\n";
  }
  return text + std::to_string(server.now_s());
}

TEST(ModelServer, IsTheSameAgainAfterItsProcessWasKilled) {
  const test::PluginDirectory directory;
  const auto file = directory.path() / "journal";
  sim::ModelServer server(sim::world_tables());
  server.keep_journal(file);
  server.commit(
      {built(add_item("1", "milk, \"fresh\"\t")),
       built(sim::insert_row("samples", {{"id", "a"}, {"doc", std::nullopt}, {"raw", ""}}))});
  server.pass(3);
  server.refuse(sim::write_id(2), {422, "not for sale", "P0001", "", "", {}});
  server.apply({{sim::write_id(1), 1, {built(set_item("1", {{"note", std::nullopt}}))}}, 0});
  const Verdict refused =
      server.apply({{sim::write_id(2), 2, {built(sim::remove_row("items", {{"id", "1"}}))}},
                    server.now_s() - 60});
  server.void_write(sim::write_id(3));
  server.pass(1);

  sim::ModelServer again(sim::world_tables());
  again.keep_journal(file);
  EXPECT_EQ(again.runs_before(), 1U);
  EXPECT_EQ(printed(again), printed(server));
  EXPECT_EQ(again.applied(sim::write_id(1)), 1U);
  for (const std::uint32_t write : {2U, 3U}) {
    const auto same = std::get<Rejection>(again.void_write(sim::write_id(write)));
    EXPECT_EQ(same.message, std::get<Rejection>(server.void_write(sim::write_id(write))).message);
  }
  EXPECT_EQ(std::get<Rejection>(refused).message, "not for sale");
}

}  // namespace
}  // namespace patchbay::check
