#include "schema_words.hpp"

#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/local_log.hpp>
#include <patchbay/sqlite/store.hpp>

#include "column_lists.hpp"
#include "stored_value.hpp"

namespace patchbay::immutable {
namespace {

using sqlite::quoted;

/// Writes the words of one table.
class Words {
 public:
  explicit Words(const TableSchema& schema, bool exact = false) : schema_(schema), exact_(exact) {}

  [[nodiscard]] std::string name(std::uint32_t column) const {
    return quoted(schema_.columns[column].name);
  }
  [[nodiscard]] std::string stored(std::uint32_t column) const {
    return stored_value(schema_.columns[column], schema_.is_key(column), "NEW." + name(column));
  }
  [[nodiscard]] static std::string bit(std::uint32_t column) {
    return std::to_string(std::uint64_t{1} << (column % kColumnsPerMask));
  }

  /// `text` of each column beside the key, each between a comma and a line of its own.
  template <typename Text>
  [[nodiscard]] std::string each(Text text) const {
    return joined(all_columns(schema_), ",\n    ", text);
  }

  [[nodiscard]] std::string merged() const {
    return joined(all_columns(schema_), ",\n  ", [this](std::uint32_t column) {
      if (schema_.is_key(column)) return "s." + name(column);
      return cast(column, "CASE WHEN l." + mask_name(column / kColumnsPerMask) + " & " +
                              bit(column) + " THEN l." + name(column) + " ELSE s." + name(column) +
                              " END");
    });
  }
  [[nodiscard]] std::string alone() const {
    return joined(all_columns(schema_), ",\n  ", [this](std::uint32_t column) {
      if (schema_.is_key(column)) return "l." + name(column);
      return cast(column, "l." + name(column));
    });
  }

  [[nodiscard]] std::string key_is(std::string_view left, std::string_view right) const {
    return joined(schema_.key, " AND ", [&](std::uint32_t column) {
      return std::string(left) + name(column) + " = " + std::string(right) + name(column);
    });
  }
  [[nodiscard]] std::string new_row() const {
    return "(SELECT " +
           each([this](std::uint32_t column) { return stored(column) + " AS " + name(column); }) +
           ") AS n";
  }
  [[nodiscard]] std::string moves() const {
    return joined(schema_.key, " OR ", [this](std::uint32_t column) {
      return stored(column) + " IS NOT OLD." + name(column);
    });
  }
  /// Two rows, for an expression with an OR for each of many columns would be too deep for SQLite.
  [[nodiscard]] std::string changes() const {
    const auto others = other_columns(schema_);
    if (others.empty()) return "0";
    const auto news = [this](std::uint32_t column) { return stored(column); };
    return "(" + joined(others, ",\n  ", news) + ")\n  IS NOT (" + names(schema_, others, "OLD.") +
           ")";
  }
  [[nodiscard]] std::string changed_cells() const {
    return each([this](std::uint32_t column) {
      if (schema_.is_key(column)) return "OLD." + name(column);
      return "CASE WHEN " + differs(column) + " THEN n." + name(column) + " END";
    });
  }
  [[nodiscard]] std::string old_key_only() const {
    return joined(all_columns(schema_), ", ", [this](std::uint32_t column) {
      return schema_.is_key(column) ? "OLD." + name(column) : "NULL";
    });
  }
  [[nodiscard]] std::string differs(std::uint32_t column) const {
    return "n." + name(column) + " IS NOT OLD." + name(column);
  }
  [[nodiscard]] std::string is_given(std::uint32_t column) const {
    return "n." + name(column) + " IS NOT NULL";
  }

  /// For each mask the bits of the columns where the condition holds.
  template <typename Condition>
  [[nodiscard]] std::string bits(Condition condition) const {
    return masks(schema_, ",\n    ", [&](std::uint32_t mask) {
      std::string sum;
      for (const std::uint32_t column : other_columns(schema_)) {
        if (column / kColumnsPerMask != mask) continue;
        sum += (sum.empty() ? "" : " | ") + ("((" + condition(column) + ") << ") +
               std::to_string(column % kColumnsPerMask) + ")";
      }
      return sum.empty() ? "0" : sum;
    });
  }
  [[nodiscard]] std::string every_bit(std::uint32_t mask) const {
    std::uint64_t sum = 0;
    for (const std::uint32_t column : other_columns(schema_)) {
      if (column / kColumnsPerMask == mask) sum |= std::uint64_t{1} << (column % kColumnsPerMask);
    }
    return std::to_string(sum);
  }

  /// The part of an upsert that sets the masks, then each column beside the key.
  template <typename Mask, typename Cell>
  [[nodiscard]] std::string take(Mask mask, Cell cell) const {
    std::string all = masks(schema_, ",\n    ",
                            [&](std::uint32_t one) { return mask_name(one) + " = " + mask(one); });
    for (const std::uint32_t column : other_columns(schema_)) {
      all += ",\n    " + name(column) + " = " + cell(column);
    }
    return all;
  }
  [[nodiscard]] std::string take_changed() const {
    return take(
        [](std::uint32_t mask) { return mask_name(mask) + " | excluded." + mask_name(mask); },
        [this](std::uint32_t column) {
          return "CASE WHEN excluded." + mask_name(column / kColumnsPerMask) + " & " + bit(column) +
                 " THEN excluded." + name(column) + " ELSE " + name(column) + " END";
        });
  }

  [[nodiscard]] std::string check_values() const {
    return joined(all_columns(schema_), "", [this](std::uint32_t column) {
      return refused_value(schema_, column, "NEW." + name(column));
    });
  }
  [[nodiscard]] std::string check_key() const {
    const std::string text = doubled(schema_.name, '\'') + ".";
    const auto column_text = [&](std::uint32_t column) {
      return text + doubled(schema_.columns[column].name, '\'');
    };
    return joined(schema_.key, "\n  ",
                  [&](std::uint32_t column) {
                    return "SELECT RAISE(ABORT, 'NOT NULL constraint failed: " +
                           column_text(column) + "')\n    WHERE NEW." + name(column) + " IS NULL;";
                  }) +
           "\n  SELECT RAISE(ABORT, 'UNIQUE constraint failed: " +
           joined(schema_.key, ", ", column_text) + "')\n    WHERE EXISTS (SELECT 1 FROM " +
           quoted(schema_.name) + " AS v WHERE " +
           joined(
               schema_.key, " AND ",
               [&](std::uint32_t column) { return "v." + name(column) + " = " + stored(column); }) +
           ");";
  }

 private:
  /// A CAST would make a number of NaN: what is a float has no affinity, by the sign.
  [[nodiscard]] std::string cast(std::uint32_t column, const std::string& value) const {
    const Column& one = schema_.columns[column];
    if (exact_) return "+(" + value + ") AS " + name(column);
    if (sqlite::is_float(one)) return "+(" + value + ")";
    return "CAST(" + value + " AS " + std::string(sqlite::declared_type(one)) + ")";
  }

  const TableSchema& schema_;
  bool exact_;
};

}  // namespace

SchemaWords exact_words(const TableSchema& schema) {
  const Words words(schema, true);
  return {{"plain", doubled(schema.name, '"')},
          {"merged", words.merged()},
          {"alone", words.alone()},
          {"l_key_is_s_key", words.key_is("l.", "s.")}};
}

SchemaWords schema_words(const TableSchema& schema) {
  const Words words(schema);
  const auto all = all_columns(schema);
  const auto every_bit = [&](std::uint32_t mask) { return words.every_bit(mask); };
  const auto zero = [](std::uint32_t) { return std::string("0"); };
  const auto null = [](std::uint32_t) { return std::string("NULL"); };
  const auto excluded = [&](std::uint32_t column) { return "excluded." + words.name(column); };
  const auto given = [&](std::uint32_t column) { return words.is_given(column); };
  const auto differs = [&](std::uint32_t column) { return words.differs(column); };
  const auto mask_column = [](std::uint32_t mask) { return mask_name(mask) + " INTEGER NOT NULL"; };
  return {{"plain", doubled(schema.name, '"')},
          {"text", doubled(schema.name, '\'')},
          {"columns", definitions(schema, ",\n  ")},
          {"names", names(schema, all)},
          {"key", names(schema, schema.key)},
          {"masks", masks(schema, ", ")},
          {"mask_columns", masks(schema, ",\n  ", mask_column)},
          {"merged", words.merged()},
          {"alone", words.alone()},
          {"new", words.new_row()},
          {"new_cells", names(schema, all, "n.")},
          {"changed_cells", words.changed_cells()},
          {"old_key_only", words.old_key_only()},
          {"new_row", sqlite::LocalLog::logged_row(schema, "n.")},
          {"old_row", sqlite::LocalLog::logged_row(schema, "OLD.")},
          {"l_key_is_s_key", words.key_is("l.", "s.")},
          {"key_is_old_key", words.key_is("", "OLD.")},
          {"s_key_is_n_key", words.key_is("s.", "n.")},
          {"s_key_is_old_key", words.key_is("s.", "OLD.")},
          {"given_bits", words.bits(given)},
          {"changed_bits", words.bits(differs)},
          {"every_bit", masks(schema, ", ", every_bit)},
          {"no_bits", masks(schema, ", ", zero)},
          {"take_new", words.take(every_bit, excluded)},
          {"take_changed", words.take_changed()},
          {"take_nothing", words.take(zero, null)},
          {"moves", words.moves()},
          {"changes", words.changes()},
          {"check_key", words.check_key()},
          {"check_values", words.check_values()}};
}

}  // namespace patchbay::immutable
