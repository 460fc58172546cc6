#include "electric/message_parser.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"
#include "rows/value_text.hpp"
#include "tuning.hpp"

namespace patchbay::electric {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

/// Decimal digits in a string, or a plain number.
error_code read_number(ondemand::value value, std::uint64_t& out) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type != ondemand::json_type::string) return value.get_uint64().get(out);
  std::string_view text;
  if (const auto error = value.get_string().get(text)) return error;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = failed == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? SUCCESS : simdjson::NUMBER_ERROR;
}

error_code read_numbers(ondemand::value value, std::vector<std::uint64_t>& out) {
  out.clear();
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return error;
  for (auto element : array) {
    ondemand::value item;
    if (const auto error = element.get(item)) return error;
    std::uint64_t number = 0;
    if (const auto error = read_number(item, number)) return error;
    out.push_back(number);
  }
  return SUCCESS;
}

/// Nothing but white space follows what was read.
error_code check_end(ondemand::document& document) {
  const error_code at = document.current_location().error();
  return at == simdjson::OUT_OF_BOUNDS ? SUCCESS : simdjson::TAPE_ERROR;
}

/// The 64-bit transaction id nearest to `xmax` that ends in these 32 bits.
std::uint64_t widen(std::uint64_t xid, std::uint64_t xmax) {
  constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32U;
  if (xid >= kEpoch) return xid;
  const std::uint64_t same_epoch = (xmax & ~(kEpoch - 1)) | xid;
  if (same_epoch > xmax && same_epoch - xmax > kEpoch / 2 && same_epoch >= kEpoch) {
    return same_epoch - kEpoch;
  }
  if (same_epoch < xmax && xmax - same_epoch > kEpoch / 2) return same_epoch + kEpoch;
  return same_epoch;
}

/// The `headers` object of one message; its members come in any order.
struct MessageHeaders {
  std::string_view operation;
  std::string_view control;
  std::optional<std::uint64_t> lsn;
  std::optional<std::uint64_t> op_position;
  std::optional<std::uint64_t> seen_lsn;
  std::uint64_t xmin = 0;
  std::uint64_t xmax = 0;
};

}  // namespace

struct MessageParser::State {
  ondemand::parser parser;
  std::vector<Cell> cells;
  std::vector<std::uint64_t> txids;
  std::vector<std::uint64_t> xip_list;

  const TableSchema* schema = nullptr;
  std::vector<rows::Spelling> spellings;
  std::optional<std::uint32_t> write_id_column;

  std::string mismatch;  ///< Why a change does not fit the schema; "" while all do.

  void use(const TableSchema& next);
  error_code read_body(ondemand::document& document, Messages& out);
  error_code read_message(ondemand::object& message, Messages& out);
  error_code read_headers(ondemand::value value, MessageHeaders& out);
  error_code read_row(ondemand::value value);
  error_code find_column(std::string_view name, std::uint32_t& column);
  error_code take_change(const MessageHeaders& headers, bool has_row, Messages& out);
  void take_control(const MessageHeaders& headers, Messages& out) const;
};

void MessageParser::State::use(const TableSchema& next) {
  if (schema == &next) return;
  schema = &next;
  spellings.clear();
  for (const Column& column : next.columns) spellings.push_back(rows::spelling_of(column));
  write_id_column = next.find("write_id");
  if (write_id_column) {
    const Column& column = next.columns[*write_id_column];
    if (column.type != "uuid" || column.dimensions != 0) write_id_column.reset();
  }
}

error_code MessageParser::State::read_body(ondemand::document& document, Messages& out) {
  ondemand::array array;
  if (const auto error = document.get_array().get(array)) return error;
  for (auto element : array) {
    ondemand::object message;
    if (const auto error = element.get_object().get(message)) return error;
    if (const auto error = read_message(message, out)) return error;
  }
  return check_end(document);
}

error_code MessageParser::State::read_message(ondemand::object& message, Messages& out) {
  MessageHeaders headers;
  bool has_row = false;
  txids.clear();
  xip_list.clear();
  for (auto field : message) {
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return error;
    ondemand::value value;
    if (const auto error = field.value().get(value)) return error;
    if (name == "headers") {
      if (const auto error = read_headers(value, headers)) return error;
    } else if (name == "value") {
      if (const auto error = read_row(value)) return error;
      has_row = true;
    }
  }
  if (!headers.control.empty()) {
    take_control(headers, out);
    return SUCCESS;
  }
  return headers.operation.empty() ? SUCCESS : take_change(headers, has_row, out);
}

error_code MessageParser::State::read_headers(ondemand::value value, MessageHeaders& out) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return error;
  const auto optional_number = [](ondemand::value member, std::optional<std::uint64_t>& number) {
    return read_number(member, number.emplace());
  };
  for (auto field : object) {
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return error;
    ondemand::value member;
    if (const auto error = field.value().get(member)) return error;
    error_code error = SUCCESS;
    if (name == "operation") error = member.get_string().get(out.operation);
    if (name == "control") error = member.get_string().get(out.control);
    if (name == "txids") error = read_numbers(member, txids);
    if (name == "lsn") error = optional_number(member, out.lsn);
    if (name == "op_position") error = optional_number(member, out.op_position);
    if (name == "global_last_seen_lsn") error = optional_number(member, out.seen_lsn);
    if (name == "xmin") error = read_number(member, out.xmin);
    if (name == "xmax") error = read_number(member, out.xmax);
    if (name == "xip_list") error = read_numbers(member, xip_list);
    if (error != SUCCESS) return error;
  }
  return SUCCESS;
}

error_code MessageParser::State::read_row(ondemand::value value) {
  cells.assign(schema->columns.size(), Cell{});
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return error;
  std::uint32_t next = 0;  // columns mostly come in the schema's order
  for (auto field : object) {
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return error;
    std::uint32_t column = next;
    if (const auto error = find_column(name, column)) return error;
    next = column + 1;
    ondemand::value cell;
    if (const auto error = field.value().get(cell)) return error;
    bool null = false;
    if (cell.is_null().get(null) == SUCCESS && null) {
      cells[column] = Cell::null();
      continue;
    }
    std::string_view text;
    if (const auto error = cell.get_string().get(text)) return error;
    cells[column] = Cell::of(rows::canonical_text(spellings[column], text));
  }
  return SUCCESS;
}

error_code MessageParser::State::find_column(std::string_view name, std::uint32_t& column) {
  const std::vector<Column>& columns = schema->columns;
  if (column < columns.size() && columns[column].name == name) return SUCCESS;
  const auto found = std::ranges::lower_bound(columns, name, {}, &Column::name);
  if (found == columns.end() || found->name != name) {
    mismatch = "it speaks of a column " + std::string(name) + " that the schema does not have";
    return simdjson::NO_SUCH_FIELD;
  }
  column = static_cast<std::uint32_t>(found - columns.begin());
  return SUCCESS;
}

error_code MessageParser::State::take_change(const MessageHeaders& headers, bool has_row,
                                             Messages& out) {
  RowOperation operation = RowOperation::insert;
  if (headers.operation == "update") {
    operation = RowOperation::update;
  } else if (headers.operation == "delete") {
    operation = RowOperation::remove;
  } else if (headers.operation != "insert") {
    return simdjson::INCORRECT_TYPE;
  }
  if (!has_row) return simdjson::NO_SUCH_FIELD;
  for (const std::uint32_t key : schema->key) {
    if (cells[key].is_text()) continue;
    mismatch = "a change has no value for the key column " + schema->columns[key].name;
    return simdjson::NO_SUCH_FIELD;
  }
  out.changes.push_back({operation, rows::make_row(*schema, cells)});
  out.up_to_date = false;
  for (const std::uint64_t txid : txids) {
    const auto low = static_cast<std::uint32_t>(txid);
    if (out.txids.empty() || out.txids.back() != low) out.txids.push_back(low);
  }
  if (write_id_column && operation != RowOperation::remove && cells[*write_id_column].is_text()) {
    if (const auto id = WriteId::parse(cells[*write_id_column].text)) out.write_ids.push_back(*id);
  }
  out.last_change_offset.clear();
  if (headers.lsn && headers.op_position) {
    out.last_change_offset =
        std::to_string(*headers.lsn) + '_' + std::to_string(*headers.op_position);
  }
  return SUCCESS;
}

void MessageParser::State::take_control(const MessageHeaders& headers, Messages& out) const {
  if (headers.control == "up-to-date") {
    out.up_to_date = true;
    out.lsn = headers.seen_lsn;
  } else if (headers.control == "must-refetch") {
    out.must_refetch = true;
  } else if (headers.control == "snapshot-end") {
    out.up_to_date = false;
    Snapshot& snapshot = out.snapshot.emplace();
    snapshot.xmax = headers.xmax;
    snapshot.xmin = widen(headers.xmin, headers.xmax);
    for (const std::uint64_t xid : xip_list) {
      snapshot.xip_list.push_back(widen(xid, headers.xmax));
    }
  }
}

MessageParser::MessageParser() : state_(std::make_unique<State>()) {}
MessageParser::~MessageParser() = default;
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;

Result<Messages> MessageParser::parse(std::string body, const TableSchema& schema) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  state_->use(schema);
  state_->mismatch.clear();
  Messages messages;
  ondemand::document document;
  error_code error =
      state_->parser.iterate(body.data(), body.size(), body.capacity()).get(document);
  if (error == SUCCESS) error = state_->read_body(document, messages);
  if (!state_->mismatch.empty()) {
    return failure(ErrorCode::unsupported, "An answer for the table " + schema.name +
                                               " does not fit its schema: " + state_->mismatch +
                                               ".");
  }
  if (error != SUCCESS) {
    return failure(
        ErrorCode::corrupt,
        "An answer for the table " + schema.name + " of " + std::to_string(body.size()) +
            " bytes cannot be read and is asked for again: " + simdjson::error_message(error));
  }
  return messages;
}

namespace {

error_code read_column(ondemand::field& field, Column& column, std::optional<std::uint64_t>& key) {
  std::string_view name;
  if (const auto error = field.unescaped_key().get(name)) return error;
  column.name = name;
  ondemand::object description;
  if (const auto error = field.value().get_object().get(description)) return error;
  for (auto property : description) {
    std::string_view what;
    if (const auto error = property.unescaped_key().get(what)) return error;
    ondemand::value value;
    if (const auto error = property.value().get(value)) return error;
    error_code error = SUCCESS;
    std::string_view type;
    std::uint64_t dimensions = 0;
    if (what == "type") error = value.get_string().get(type);
    if (what == "not_null") error = value.get_bool().get(column.not_null);
    if (what == "pk_index") error = read_number(value, key.emplace());
    if (what == "dims") error = read_number(value, dimensions);
    if (error != SUCCESS) return error;
    if (!type.empty()) column.type = type;
    if (dimensions != 0) column.dimensions = static_cast<std::uint32_t>(dimensions);
  }
  return column.type.empty() ? simdjson::NO_SUCH_FIELD : SUCCESS;
}

using KeyParts = std::vector<std::pair<std::uint64_t, std::string>>;

error_code read_columns(ondemand::document& document, TableSchema& schema, KeyParts& key) {
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) return error;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field)) return error;
    std::optional<std::uint64_t> key_index;
    Column column;
    if (const auto error = read_column(field, column, key_index)) return error;
    if (key_index) key.emplace_back(*key_index, column.name);
    schema.columns.push_back(std::move(column));
  }
  return check_end(document);
}

}  // namespace

Result<const TableSchema*> MessageParser::parse_schema(std::string_view header,
                                                       const std::string& table) {
  TableSchema schema;
  schema.name = table;
  KeyParts key;
  const simdjson::padded_string padded(header);
  ondemand::document document;
  error_code error = state_->parser.iterate(padded).get(document);
  if (error == SUCCESS) error = read_columns(document, schema, key);
  std::ranges::sort(schema.columns, {}, &Column::name);
  const auto twice = std::ranges::adjacent_find(schema.columns, {}, &Column::name);
  if (error != SUCCESS || schema.columns.empty() || twice != schema.columns.end()) {
    return failure(ErrorCode::corrupt, "The electric-schema header for the table " + table +
                                           " cannot be read: " + simdjson::error_message(error));
  }
  if (key.empty()) {
    return failure(ErrorCode::rejected,
                   "The table " + table + " has no primary key; give it one to follow it.");
  }
  std::ranges::sort(key);
  for (const auto& [index, name] : key) schema.key.push_back(*schema.find(name));
  return &rows::intern_schema(std::move(schema));
}

MessageParser::Refusal MessageParser::parse_refusal(std::string body) {
  Refusal refusal;
  const simdjson::padded_string padded(body);
  ondemand::document document;
  ondemand::object object;
  std::string_view message;
  const bool readable = state_->parser.iterate(padded).get(document) == SUCCESS &&
                        document.get_object().get(object) == SUCCESS &&
                        object.find_field_unordered("message").get_string().get(message) == SUCCESS;
  refusal.message = readable ? std::string(message) : std::move(body);
  ondemand::object errors;
  if (readable && object.find_field_unordered("errors").get_object().get(errors) == SUCCESS) {
    for (auto field : errors) {
      std::string_view name;
      std::string_view reason;
      if (field.unescaped_key().get(name) != SUCCESS) break;
      if (field.value().at(0).get_string().get(reason) != SUCCESS) break;
      refusal.message += ": " + std::string(name) + ": " + std::string(reason);
      if (name == "offset" && reason.find("out of bounds") != std::string_view::npos) {
        refusal.offset_out_of_bounds = true;
      }
    }
  }
  std::size_t length = std::min(refusal.message.size(), tuning::kServerMessageBytesMax);
  while (length > 0 && length < refusal.message.size() &&
         (static_cast<unsigned char>(refusal.message[length]) & 0xC0U) == 0x80U) {
    --length;  // not inside a UTF-8 sequence
  }
  refusal.message.resize(length);
  return refusal;
}

}  // namespace patchbay::electric
