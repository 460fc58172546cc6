#include "store_gate.hpp"

#include <string>

namespace patchbay::sqlite {
namespace {

std::string as_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) literal += c == '\'' ? std::string("''") : std::string(1, c);
  return literal + "'";
}

}  // namespace

void StoreGate::close(std::string_view instance, std::string_view successor) {
  const std::string name(instance);
  const std::string sentence =
      "Nobody reads what is written here since the pattern " + name + " was swapped to " +
      std::string(successor) +
      ". Write by the local API or to the file that patchbay status --json names, or swap the "
      "pattern back to the module of this file.";
  open();
  store_.database().exec(
      "CREATE TRIGGER patchbay_retired BEFORE INSERT ON patchbay_log BEGIN SELECT RAISE(ABORT, " +
      as_literal(sentence) + "); END");
}

void StoreGate::open() {
  store_.database().exec("DROP TRIGGER IF EXISTS patchbay_retired");
}

bool StoreGate::is_closed() {
  SQLite::Statement& closed = store_.statement(
      "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'patchbay_retired')");
  closed.executeStep();
  const bool found = closed.getColumn(0).getInt() != 0;
  closed.reset();
  return found;
}

}  // namespace patchbay::sqlite
