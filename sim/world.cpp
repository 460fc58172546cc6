#include "sim/world.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "rows/schema_registry.hpp"
#include "sim/print.hpp"
#include "write/operation_builder.hpp"

namespace patchbay::sim {
namespace {

using namespace std::chrono_literals;

const char* text_of(WriteState state) {
  static constexpr const char* kStates[] = {"submitted", "accepted", "sending",  "acknowledged",
                                            "confirmed", "rejected", "discarded"};
  return kStates[static_cast<int>(state)];
}

std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const ModelTable& table : world_tables()) names.push_back(table.schema->name);
  return names;
}

std::string joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : "  ") + row;
  return text;
}

std::filesystem::path temporary_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "patchbay-world-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("No directory " + name);
  return name;
}

std::string in_words(const NamedCells& cells) {
  std::string text;
  for (const auto& [name, value] : cells) {
    text += (text.empty() ? "" : ", ") + name + "=" + value.value_or("NULL");
  }
  return text;
}

std::string in_words(const std::vector<RequestedOperation>& operations) {
  static constexpr const char* kKinds[] = {"insert into ", "update ", "delete from "};
  std::string text;
  for (const RequestedOperation& one : operations) {
    text += (text.empty() ? "" : "; ") + std::string(kKinds[static_cast<int>(one.kind)]) +
            one.table + (one.key.empty() ? "" : " " + in_words(one.key)) +
            (one.set.empty() ? "" : " set " + in_words(one.set));
  }
  return text;
}

}  // namespace

const std::vector<ModelTable>& world_tables() {
  static const std::vector<ModelTable> tables{
      {&rows::intern_schema(
           {"items",
            {{"id", "int8", 0, true}, {"note", "text", 0, false}, {"title", "text", 0, false}},
            {0}}),
       {}},
      {&rows::intern_schema({"lists", {{"id", "uuid", 0, true}, {"name", "text", 0, false}}, {0}}),
       {}},
      {&rows::intern_schema(
           {"entries",
            {{"list", "uuid", 0, true}, {"pos", "int4", 0, true}, {"text", "text", 0, false}},
            {0, 1}}),
       {{"list", "lists"}}},
      {&rows::intern_schema(
           {"marks",
            {{"id", "int8", 0, true}, {"text", "text", 0, false}, {"write_id", "uuid", 0, false}},
            {0}}),
       {}},
      {&rows::intern_schema({"samples",
                             {{"amount", "numeric", 0, false},
                              {"at", "timestamptz", 0, false},
                              {"big", "int8", 0, false},
                              {"doc", "jsonb", 0, false},
                              {"flag", "bool", 0, false},
                              {"id", "text", 0, true},
                              {"raw", "bytea", 0, false},
                              {"tags", "text", 1, false}},
                             {5}}),
       {}}};
  return tables;
}

RequestedOperation insert_row(std::string table, NamedCells set) {
  return {OperationKind::insert, std::move(table), {}, std::move(set)};
}
RequestedOperation update_row(std::string table, NamedCells key, NamedCells set) {
  return {OperationKind::update, std::move(table), std::move(key), std::move(set)};
}
RequestedOperation remove_row(std::string table, NamedCells key) {
  return {OperationKind::remove, std::move(table), std::move(key), {}};
}

World::World(const PatternUnderTest& pattern, WorldOptions options)
    : server(world_tables()),
      stream(server, executor),
      gateway(server),
      options_(std::move(options)),
      directory_(options_.directory.empty() ? temporary_directory() : options_.directory),
      pattern_(pattern) {
  if (!options_.server_journal.empty()) server.keep_journal(options_.server_journal);
  start_runner();
}

World::~World() {
  stop_runner();
  if (options_.directory.empty()) std::filesystem::remove_all(directory_);
}

void World::start_runner() {
  runner_ = std::make_unique<PatternRunner>(
      RunnerParts{executor, executor, clock, stream, gateway, events_, &files_},
      InstanceOptions{"world", table_names(), options_.settings, directory_}, pattern_.module,
      watched(pattern_, true), QueueOptions{options_.reject_dependents, 0});
  runner_->start();
  run();
}

void World::stop_runner() {
  runner_->stop();
  executor.run_all();
  runner_.reset();
}

PatternOwner World::watched(const PatternUnderTest& pattern, bool shown) const {
  return {new WatchedPattern(pattern.make(), table_names(), options_.watcher, shown),
          [](Pattern* one) { delete one; }};
}

Result<void> World::swap(const PatternUnderTest& next) {
  say("another module takes over");
  const auto answer = std::make_shared<Result<void>>(
      patchbay::failure(ErrorCode::in_doubt, "The swap has not come to an end."));
  runner_->swap({next.module, watched(next, false), executor},
                [answer](Result<void> result) { *answer = std::move(result); });
  run();
  return *answer;
}

void World::restart(const PatternUnderTest& next) {
  say("the host stops, and starts again on the same directory");
  stop_runner();
  gateway.forget();
  clock.drop_all();
  pattern_ = next;
  start_runner();
}

void World::say(const std::string& step) const {
  if (options_.narrate && !silent_) options_.narrate(step);
}

void World::write(std::uint32_t number, std::vector<RequestedOperation> operations) {
  say("the app writes" + (number == 0 ? "" : " " + std::to_string(number)) + ": " +
      in_words(operations));
  if (pattern_.other_program) return write_elsewhere(number, operations);
  WriteRequest request;
  if (number != 0) request.id = write_id(number);
  request.operations = std::move(operations);
  answers_[number] = "waiting";
  runner_->submit(std::move(request), [this, number](const Result<WriteStatus>& status) {
    answers_[number] =
        status ? text_of(status->state)
               : std::string(to_string(status.error().code)) + ": " + status.error().message;
    if (options_.answered) options_.answered(number, answers_[number]);
  });
  run();
}

void World::write_elsewhere(std::uint32_t number,
                            const std::vector<RequestedOperation>& operations) {
  const std::size_t known = events_.order().size();
  const std::string failed = pattern_.other_program(directory_, operations);
  files_.changed();
  run();
  answers_[number] = failed.empty() ? "accepted" : failed;
  if (number == 0 || events_.order().size() == known) return;
  ids_[number] = events_.order()[known];
  const auto refused = to_be_refused_.find(number);
  if (refused != to_be_refused_.end()) server.refuse(ids_[number], refused->second);
}

WriteId World::id(std::uint32_t number) const {
  const auto found = ids_.find(number);
  return found == ids_.end() ? write_id(number) : found->second;
}

std::string World::answer(std::uint32_t number) const {
  const auto found = answers_.find(number);
  return found == answers_.end() ? "never written" : found->second;
}

std::string World::state(std::uint32_t number) const {
  const WriteStatus* write = status(number);
  return write == nullptr ? "unknown" : text_of(write->state);
}

const WriteStatus* World::status(std::uint32_t number) const {
  return events_.find(id(number));
}

std::string World::history(const std::string& table, const std::string& key) const {
  return events_.history(table, key);
}

std::string World::view(const std::string& table) {
  std::vector<std::string> printed;
  for (const ViewRow& row : read(table)) printed.push_back(print_row(row));
  return joined(printed);
}

std::vector<ViewRow> World::read(const std::string& table) {
  std::vector<ViewRow> answer;
  RowsRequest request;
  request.table = table;
  runner_->read(request, [&answer](Result<std::vector<ViewRow>> rows) {
    if (!rows) throw std::runtime_error(rows.error().message);
    answer = *std::move(rows);
  });
  executor.run_all();
  return answer;
}

PatternStatus World::pattern_status() {
  PatternStatus answer;
  runner_->status([&answer](PatternStatus status) { answer = std::move(status); });
  executor.run_all();
  return answer;
}

void World::others(const std::vector<RequestedOperation>& operations) {
  say("another user: " + in_words(operations));
  std::vector<Operation> built;
  for (const RequestedOperation& one : operations) {
    for (const ModelTable& table : world_tables()) {
      if (table.schema->name != one.table) continue;
      built.push_back(build_operation(*table.schema, one).value());
    }
  }
  const auto refused = server.commit(built);
  if (refused) throw std::runtime_error("The other user was refused: " + refused->message);
}

void World::refuse(std::uint32_t number, std::string message) {
  say("the server is to refuse write " + std::to_string(number) + ": " + message);
  Rejection why;
  why.status = 422;
  why.code = "P0001";
  why.message = std::move(message);
  if (pattern_.other_program) to_be_refused_[number] = why;
  server.refuse(id(number), std::move(why));
}

std::string World::server_view(const std::string& table) const {
  std::vector<std::string> printed;
  for (const auto& [key, row] : server.rows(table)) printed.push_back(print(*row));
  std::ranges::sort(printed);
  return joined(printed);
}

void World::arrive() {
  say("the request reaches the server");
  gateway.arrive();
  run();
}
void World::answer_request() {
  say("the server's answer comes");
  gateway.answer();
  run();
}
void World::lose_answer() {
  say("the request reaches the server, its answer is lost");
  gateway.lose_answer();
  run();
}
void World::lose_request() {
  say("the request is lost");
  gateway.lose_request();
  run();
}
void World::refuse_connection() {
  say("the connection is refused");
  gateway.refuse_connection();
  run();
}

void World::serve() {
  while (gateway.waiting()) answer_request();
}

void World::poll(const std::string& table, std::size_t commits_max) {
  say("the stream of " + table + " brings what is new");
  stream.poll(table, commits_max);
  run();
}

void World::refetch(const std::string& table) {
  say("the stream of " + table + " starts anew");
  stream.refetch(table);
  run();
}

void World::pass(std::chrono::seconds time) {
  say(std::to_string(time.count()) + " s pass");
  for (; time > 0s; time -= 1s) {
    clock.advance(1s, executor);
    server.pass(1);
    run();
  }
}

/// Everything posted runs; then the app reads again what it was told may have changed.
void World::run() {
  executor.run_all();
  for (const std::string& table : events_.take_stale()) events_.take_table(table, read(table));
}

}  // namespace patchbay::sim
