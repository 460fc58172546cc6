#include "core/electric_replay.hpp"
#include "test_paths.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace patchbay::test {
namespace {

std::string text_of(const Row& row, std::string_view name) {
  const auto column = row.schema().find(name);
  if (!column) return "?";
  const Cell cell = row.cell(*column);
  if (cell.is_absent()) return "absent";
  return cell.is_null() ? "null" : std::string(cell.text);
}

/// The last part of a uuid without its leading zeros; other keys as they are.
std::string short_key(const Row& row) {
  std::string key;
  for (const std::uint32_t column : row.schema().key) {
    std::string text(row.cell(column).text);
    if (text.size() == 36) text.erase(0, std::min(text.find_first_not_of('0', 24), text.size()));
    key += (key.empty() ? "" : "/") + text;
  }
  return key;
}

std::string print_row(const Row& row) {
  std::string printed = short_key(row);
  if (row.schema().find("title") && row.schema().find("completed")) {
    return printed + ":" + text_of(row, "title") + (text_of(row, "completed") == "true" ? "*" : "");
  }
  printed += "(";
  for (std::uint32_t column = 0; column < row.schema().columns.size(); ++column) {
    if (row.schema().is_key(column)) continue;
    const std::string& name = row.schema().columns[column].name;
    printed += (printed.back() == '(' ? "" : " ") + name + "=" + text_of(row, name);
  }
  return printed + ")";
}

template <typename T>
std::string join(const std::vector<T>& values) {
  std::string joined;
  for (const T& value : values) joined += (joined.empty() ? "" : ",") + std::to_string(value);
  return joined;
}

std::string parameter(const std::string& query, std::string_view name) {
  const auto parameters = net::parse_query(query);
  const std::string* value = net::find_parameter(parameters, name);
  return value == nullptr ? "" : *value;
}

bool same_question(const std::string& left, const std::string& right) {
  return std::ranges::all_of(
             std::array{"table", "offset", "live", "where", "replica", "columns"},
             [&](const char* name) { return parameter(left, name) == parameter(right, name); }) &&
         (parameter(left, "offset") == "-1" ||
          parameter(left, "handle") == parameter(right, "handle"));
}

}  // namespace

std::string query_of(const std::string& url) {
  return url.substr(url.find('?') + 1);
}

std::vector<RecordedExchange> load_recording(const std::string& name) {
  std::ifstream file(std::string(PATCHBAY_SOURCE_DIR) + "/tests/data/electric/" + name + ".json");
  if (!file) throw std::runtime_error("no recording " + name);
  const auto json = nlohmann::json::parse(file);
  std::vector<RecordedExchange> exchanges;
  for (const auto& step : json.at("steps")) {
    RecordedExchange exchange;
    exchange.target = step.at("target");
    exchange.status = step.at("status");
    exchange.body = step.at("body");
    for (const auto& header : step.at("headers")) exchange.headers.add(header.at(0), header.at(1));
    exchanges.push_back(std::move(exchange));
  }
  return exchanges;
}

std::string print_changes(const StreamBatch& batch) {
  std::vector<std::string> printed;
  for (const Change& change : batch.changes) {
    printed.push_back(change.gone ? "-" + short_key(*change.row) : print_row(*change.row));
  }
  if (batch.reset) std::ranges::sort(printed);
  std::string line;
  for (const std::string& row : printed) line += (line.empty() ? "" : " ") + row;
  return line;
}

std::string print_batch(const StreamBatch& batch) {
  std::string line = batch.cached ? "cached " : "";
  line += batch.reset ? "reset @" : "@";
  line += batch.offset;
  const Evidence& evidence = batch.evidence;
  if (!evidence.txids.empty()) line += " txids=" + join(evidence.txids);
  if (!evidence.write_ids.empty()) {
    line += " writes=" + std::to_string(evidence.write_ids.size());
  }
  if (evidence.snapshot) {
    line += " snapshot=" + std::to_string(evidence.snapshot->xmin) + ":" +
            std::to_string(evidence.snapshot->xmax);
    if (!evidence.snapshot->xip_list.empty()) line += ":" + join(evidence.snapshot->xip_list);
  }
  if (evidence.proven_lsn != 0) line += " proven=" + std::to_string(evidence.proven_lsn);
  return line + " | " + print_changes(batch);
}

void PrintingSubscriber::on_stream_batch(StreamBatchRef batch) {
  lines_.push_back(print_batch(*batch));
  batches_.push_back(std::move(batch));
}

HubBench::HubBench(std::vector<electric::ShapeOptions> shapes, const std::filesystem::path& cache)
    : hub(HubOptions{.shapes = std::move(shapes),
                     .seed = 7,
                     .on_status =
                         [this](const StreamStatus& status) {
                           const std::array names{"connecting", "live", "retrying", "stopped"};
                           statuses.push_back(names.at(static_cast<std::size_t>(status.state)));
                           if (!status.reason.empty()) statuses.back() += ": " + status.reason;
                         },
                     .cache = {.directory = cache, .server = "", .worker = &executor}},
          http, executor, clock) {}

HubBench::~HubBench() {
  hub.stop();
  executor.run_all();
}

void HubBench::settle() {
  do {
    executor.run_all();
  } while (http.deliver() > 0 || executor.queued() > 0);
}

void HubBench::advance(std::chrono::milliseconds delay) {
  clock.advance(delay, executor);
  settle();
}

void HubBench::answer(net::HttpResponse response) {
  if (!http.answer(std::move(response))) throw std::runtime_error("no request waits");
  executor.run_all();
}

void HubBench::fail(std::string message) {
  if (!http.fail(ErrorCode::retry, std::move(message)))
    throw std::runtime_error("no request waits");
  executor.run_all();
}

std::string HubBench::last_query() const {
  std::string query = query_of(http.last_url());
  const auto at = query.find("cache-buster=");
  if (at != std::string::npos) {
    const auto begin = at + std::string_view("cache-buster=").size();
    query.replace(begin, std::min(query.find('&', begin), query.size()) - begin, "*");
  }
  return query;
}

ShapeMetrics HubBench::metrics() {
  std::vector<ShapeMetrics> all;
  hub.metrics([&all](std::vector<ShapeMetrics> metrics) { all = std::move(metrics); });
  executor.run_all();
  return all.at(0);
}

electric::ShapeOptions shape_of(const std::string& table) {
  electric::ShapeOptions options;
  options.url = "http://127.0.0.1:3000/v1/shape";
  options.table = table;
  return options;
}

std::optional<Result<net::HttpResponse>> Recording::next(const net::HttpRequest& request) {
  for (std::size_t at = at_; at < exchanges_.size(); ++at) {
    const RecordedExchange& exchange = exchanges_[at];
    if (!same_question(query_of(request.url), query_of(exchange.target))) continue;
    at_ = at + 1;
    if (exchange.status == 0) return failure(ErrorCode::retry, "The connection was reset.");
    return net::HttpResponse{exchange.status, exchange.headers, exchange.body};
  }
  return std::nullopt;
}

}  // namespace patchbay::test
