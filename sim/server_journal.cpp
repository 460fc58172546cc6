#include "sim/server_journal.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <utility>

namespace patchbay::sim {
namespace {

constexpr char kDivider = '\x1f';
constexpr char kNull = '\x01';

void add(std::string& line, const std::string& field) {
  line += field + kDivider;
}

void add(std::string& line, const NamedCells& cells) {
  add(line, std::to_string(cells.size()));
  for (const auto& [name, value] : cells) {
    add(line, name);
    add(line, value.value_or(std::string(1, kNull)));
  }
}

/// Takes the fields of a line one by one.
class Fields {
 public:
  explicit Fields(std::string line) : line_(std::move(line)) {}

  std::string text() {
    const std::size_t begin = at_;
    const std::size_t end = std::min(line_.find(kDivider, begin), line_.size());
    at_ = std::min(end + 1, line_.size());
    return line_.substr(begin, end - begin);
  }
  std::int64_t number() {
    const std::string digits = text();
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  NamedCells cells() {
    NamedCells cells;
    for (std::int64_t left = number(); left > 0; --left) {
      std::string name = text();
      std::string value = text();
      const bool is_null = value.size() == 1 && value.front() == kNull;
      cells.emplace_back(std::move(name), is_null ? std::nullopt : std::optional(std::move(value)));
    }
    return cells;
  }

 private:
  std::string line_;
  std::size_t at_ = 0;
};

ServerInput parse(std::string line) {
  Fields fields(std::move(line));
  ServerInput input;
  input.kind = static_cast<ServerInput::Kind>(fields.number());
  input.write = WriteId::parse(fields.text()).value_or(WriteId{});
  input.number = fields.number();
  input.text = fields.text();
  for (std::int64_t left = fields.number(); left > 0; --left) {
    RequestedOperation operation;
    operation.kind = static_cast<OperationKind>(fields.number());
    operation.table = fields.text();
    operation.key = fields.cells();
    operation.set = fields.cells();
    input.operations.push_back(std::move(operation));
  }
  return input;
}

NamedCells named_cells(const RowRef& row) {
  NamedCells cells;
  if (!row) return cells;
  const std::vector<Column>& columns = row->schema().columns;
  for (std::uint32_t at = 0; at < columns.size(); ++at) {
    const Cell cell = row->cell(at);
    if (cell.is_null()) cells.emplace_back(columns[at].name, std::nullopt);
    if (cell.is_text()) cells.emplace_back(columns[at].name, std::string(cell.text));
  }
  return cells;
}

}  // namespace

std::vector<RequestedOperation> requested(const std::vector<Operation>& operations) {
  std::vector<RequestedOperation> all;
  for (const Operation& one : operations) {
    const bool is_insert = one.kind == OperationKind::insert;
    all.push_back({one.kind, one.table().name, is_insert ? NamedCells{} : named_cells(one.key),
                   named_cells(one.set)});
  }
  return all;
}

std::vector<ServerInput> ServerJournal::read() const {
  std::vector<ServerInput> inputs;
  std::ifstream in(file_, std::ios::binary);
  for (std::string line; std::getline(in, line);) inputs.push_back(parse(std::move(line)));
  return inputs;
}

void ServerJournal::append(const ServerInput& input) const {
  std::string line;
  add(line, std::to_string(static_cast<int>(input.kind)));
  add(line, input.write.text());
  add(line, std::to_string(input.number));
  add(line, input.text);
  add(line, std::to_string(input.operations.size()));
  for (const RequestedOperation& one : input.operations) {
    add(line, std::to_string(static_cast<int>(one.kind)));
    add(line, one.table);
    add(line, one.key);
    add(line, one.set);
  }
  std::ofstream(file_, std::ios::binary | std::ios::app) << line << '\n' << std::flush;
}

}  // namespace patchbay::sim
