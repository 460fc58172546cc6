#include "storm/storm_rows.hpp"

#include <utility>

namespace patchbay::test {

const char* const kStormTables = R"sql(
CREATE TABLE parents (id int8 PRIMARY KEY, stamp int8 NOT NULL, title text NOT NULL
  CHECK (title NOT LIKE 'bad%'));
CREATE TABLE items (id int8 PRIMARY KEY, stamp int8 NOT NULL, title text NOT NULL
  CHECK (title NOT LIKE 'bad%'), code text UNIQUE, parent int8 REFERENCES parents);
INSERT INTO items SELECT g, 0, 'shared', 'taken' || g FROM generate_series(1, 200) AS g;
CREATE TABLE gate (open bool);
INSERT INTO gate VALUES (true);
CREATE TABLE applied (number bigserial, name text, id int8, kind text, stamp int8);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM public.gate FOR SHARE NOWAIT;
  IF TG_OP = 'DELETE' THEN
    INSERT INTO public.applied (name, id, kind, stamp) VALUES (TG_TABLE_NAME, OLD.id, 'delete', 0);
  ELSE
    INSERT INTO public.applied (name, id, kind, stamp)
      VALUES (TG_TABLE_NAME, NEW.id, lower(TG_OP), NEW.stamp);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON items
  FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON parents
  FOR EACH ROW EXECUTE FUNCTION note();
)sql";

std::vector<StormStatement> StormRows::next(std::optional<std::int64_t> shared_row) {
  std::vector<StormStatement> statements;
  const std::uint64_t count = 1 + random_() % 3;
  while (statements.size() < count) {
    const std::uint64_t kind = random_() % 10;
    if (kind == 0 && shared_row) {
      statements.push_back(change(*shared_row));
    } else if (kind == 1) {
      statements.push_back(insert("parents"));
    } else if (kind == 2 && items_.size() > 3) {
      statements.push_back(remove());
    } else if (kind < 6 || items_.empty()) {
      statements.push_back(insert("items"));
    } else {
      statements.push_back(change(any(items_)));
      if (!shared_row && happens(30)) move(statements.back());
    }
  }
  if (happens(15)) spoil(statements[random_() % statements.size()]);
  return statements;
}

void StormRows::forget_rows() {
  items_.clear();
  parents_.clear();
}

StormStatement StormRows::insert(const std::string& table) {
  StormStatement made;
  made.operation = {"insert", table, ++next_id_, ++stamps_, false, 0};
  const std::string stamp = std::to_string(made.operation.stamp);
  made.values = {{"stamp", stamp}, {"title", "t" + stamp}};
  (table == "items" ? items_ : parents_).push_back(made.operation.id);
  if (table == "items" && !parents_.empty() && happens(50)) {
    made.operation.parent = any(parents_);
    made.values.emplace_back("parent", std::to_string(made.operation.parent));
  }
  return made;
}

StormStatement StormRows::change(std::int64_t id) {
  StormStatement made;
  made.operation = {"update", "items", id, ++stamps_, false, 0};
  const std::string stamp = std::to_string(made.operation.stamp);
  made.values = {{"stamp", stamp}};
  if (happens(50)) made.values.emplace_back("title", "t" + stamp);
  return made;
}

/// Not where what one look found is sent in parts that share no row: a part may then be sent before
/// a parent that its last operation refers to.
void StormRows::move(StormStatement& statement) {
  if (parents_.empty()) return;
  statement.operation.parent = any(parents_);
  statement.values.emplace_back("parent", std::to_string(statement.operation.parent));
}

StormStatement StormRows::remove() {
  std::int64_t& id = any(items_);
  StormStatement made;
  made.operation = {"delete", "items", id, ++stamps_, false, 0};
  id = items_.back();
  items_.pop_back();
  return made;
}

/// Each way sets a value that the row has not had, so that it is a change wherever it is found.
void StormRows::spoil(StormStatement& statement) {
  StormOperation& operation = statement.operation;
  if (operation.kind == "delete") return;
  operation.is_bad = true;
  const std::string stamp = std::to_string(operation.stamp);
  std::erase_if(statement.values, [](const auto& value) { return value.first != "stamp"; });
  const bool is_new_item = operation.kind == "insert" && operation.table == "items";
  switch (random_() % 4) {
    case 0:
      if (operation.table == "items") {
        operation.parent = -operation.stamp;
        statement.values.emplace_back("title", "t" + stamp);
        statement.values.emplace_back("parent", std::to_string(operation.parent));
        return;
      }
      break;
    case 1:
      if (operation.kind == "insert") return;  // without the title that it must have
      break;
    case 2:
      if (is_new_item) {
        statement.values.emplace_back("title", "t" + stamp);
        statement.values.emplace_back("code",
                                      "taken" + std::to_string(1 + random_() % kStormSharedRows));
        return;
      }
      break;
    default:
      break;
  }
  statement.values.emplace_back("title", "bad" + stamp);
}

}  // namespace patchbay::test
