#include "electric/message_parser.hpp"

#include <algorithm>
#include <utility>

#include "electric/json_values.hpp"
#include "rows/row_builder.hpp"
#include "rows/value_text.hpp"

namespace patchbay::electric {
namespace {

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
  const std::vector<std::string>* left_out = nullptr;
  std::vector<rows::Spelling> spellings;
  std::optional<std::uint32_t> write_id_column;

  std::string mismatch;  ///< Why a change does not fit the schema; "" while all do.

  void use(const TableSchema& next);
  error_code read_body(ondemand::document& document, Messages& out);
  error_code read_message(ondemand::object& message, Messages& out);
  error_code read_headers(ondemand::value value, MessageHeaders& out);
  error_code read_row(ondemand::value value);
  [[nodiscard]] bool is_left_out(std::string_view name) const;
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
    if (is_left_out(name)) continue;
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

bool MessageParser::State::is_left_out(std::string_view name) const {
  return !left_out->empty() && std::ranges::find(*left_out, name) != left_out->end();
}

error_code MessageParser::State::find_column(std::string_view name, std::uint32_t& column) {
  const std::vector<Column>& columns = schema->columns;
  if (column < columns.size() && columns[column].name == name) return SUCCESS;
  const auto found = std::ranges::lower_bound(columns, name, {}, &Column::name);
  if (found == columns.end() || found->name != name) {
    mismatch = "it names a column " + std::string(name) + " that the schema does not have";
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

MessageParser::MessageParser(std::vector<std::string> left_out)
    : left_out_(std::move(left_out)), state_(std::make_unique<State>()) {}
MessageParser::~MessageParser() = default;
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;

Result<Messages> MessageParser::parse(std::string body, const TableSchema& schema) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  state_->use(schema);
  state_->left_out = &left_out_;
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

}  // namespace patchbay::electric
