#include "sim/world.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "rows/row_builder.hpp"
#include "sim/print.hpp"
#include "write/operation_builder.hpp"

namespace patchbay::sim {
namespace {

using namespace std::chrono_literals;

/// Seconds in which a healthy network must bring everything to rest.
constexpr int kSettleRoundsMax = 300;
/// Longer than any wait of the host: nothing may happen in it once everything is at rest.
constexpr std::chrono::seconds kStillness{400};

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

/// Another text in each column of texts, except in the key.
std::vector<Cell> changed_texts(const TableSchema& table) {
  std::vector<Cell> set(table.columns.size());
  for (std::uint32_t column = 0; column < set.size(); ++column) {
    if (table.columns[column].type != "text" || table.is_key(column)) continue;
    set[column] = Cell::of(table.columns[column].dimensions == 0 ? "changed" : "{changed}");
  }
  return set;
}

}  // namespace

World::World(const PatternUnderTest& pattern, WorldOptions options)
    : server(world_tables()),
      stream(server, executor),
      gateway(server),
      options_(std::move(options)),
      directory_(options_.directory.empty() ? temporary_directory() : options_.directory),
      pattern_(pattern),
      proof_(server, events_, [this](const std::string& table) { return read(table); }) {
  if (!options_.server_journal.empty()) server.keep_journal(options_.server_journal);
  for (const ModelTable& table : world_tables()) {
    if (options_.offline) stream.hold(table.schema->name);
  }
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
void World::answer_elsewhere() {
  say("something on the way answers the request");
  gateway.answer_elsewhere();
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
  say("the stream of " + table + " starts again");
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

std::string World::check() {
  settle();
  std::string wrong = wrong_in_state();
  if (!wrong.empty()) return wrong;
  wrong = wrong_in_tables() + wrong_in_writes() + proof_.wrong_in_order() + wrong_in_stillness();
  change_every_row();
  return wrong + wrong_in_tables();
}

void World::settle() {
  say("the network is healthy until everything is at rest");
  silent_ = true;
  stream.release_all();
  for (int round = 0; round < kSettleRoundsMax; ++round) {
    serve();
    for (const ModelTable& table : world_tables()) poll(table.schema->name);
    if (round > 2 && pattern_status().writes_unfinished == 0 && !gateway.waiting()) break;
    pass(1s);
  }
  silent_ = false;
}

std::string World::wrong_in_state() {
  const PatternStatus pattern = pattern_status();
  std::string wrong = failure_of(pattern);
  if (!wrong.empty()) return wrong;
  if (pattern.writes_unfinished != 0) wrong = "Writes are unfinished after all this time.\n";
  if (pattern.queue_state != QueueState::idle) {
    wrong += "The queue is " + std::string(to_string(pattern.queue_state)) + ".\n";
  }
  return wrong;
}

std::string World::wrong_in_stillness() {
  const std::size_t requests = gateway.requests();
  const std::size_t asked = stream.asked();
  silent_ = true;
  pass(kStillness);
  silent_ = false;
  std::string wrong;
  if (gateway.requests() != requests) wrong = "Something is sent though all has ended.\n";
  if (stream.asked() != asked) wrong += "The stream is asked though all has ended.\n";
  return wrong;
}

void World::change_every_row() {
  say("another user changes every row, and the stream brings it");
  silent_ = true;
  for (const ModelTable& table : world_tables()) {
    std::vector<Operation> updates;
    const RowRef set = rows::make_row(*table.schema, changed_texts(*table.schema));
    for (const auto& [key, row] : server.rows(table.schema->name)) {
      updates.push_back({OperationKind::update, rows::key_row(*row), set});
    }
    server.commit(updates);
    poll(table.schema->name);
  }
  silent_ = false;
}

/// Runs all that is posted; then the app reads again what it was told may have changed.
void World::run() {
  executor.run_all();
  for (const std::string& table : events_.take_stale()) events_.take_table(table, read(table));
}

}  // namespace patchbay::sim
