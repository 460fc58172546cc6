// page_server: the page and the local API before four played patterns, for the browser's tests.
// A test steers the patterns over a second port: POST /<verb>?pattern=<name>&… (none: all).
// Modules are played too; the token is "token".
// Prints {"page":…,"control":…} on one line and ends when its input does.
#include <array>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "api/api_server.hpp"
#include "integration/api/fake_port.hpp"
#include "net/http_server.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::test {
namespace {

/// The state of that name; throws where there is none.
template <typename State>
State state_named(const std::string& name) {
  for (const int number : {0, 1, 2, 3}) {
    const auto state = static_cast<State>(number);
    if (to_string(state) == name) return state;
  }
  throw std::invalid_argument("there is no state " + name);
}

class PageServer {
 public:
  Result<void> start(std::uint16_t port, const char* web_directory) {
    for (const auto& [name, traits] : modules()) add(name, name);
    api::ApiOptions options;
    options.port = port;
    options.token = "token";
    options.version = "0";
    options.web_directory = web_directory;
    options.places = {{"sync service", "http://127.0.0.1:1"}};
    options.hooks.set_network = [](const std::string&) { return Result<void>{}; };
    play_modules(options.hooks);
    std::vector<PatternPort*> ports;
    for (const auto& [name, fake] : fakes_) ports.push_back(fake.get());
    auto api = api::start_api_server(std::move(options), ports);
    if (!api) return tl::make_unexpected(api.error());
    api_ = std::move(*api);
    for (const auto& [name, fake] : fakes_) fake->report_to(*api_);
    api_->on_stream_status({"todos", StreamState::live, ""});
    auto control = net::start_http_server({}, [this](auto request, auto reply) {
      thread_.executor().post([this, request, reply] {
        steer(*request);
        reply->send({200, {}, "done"});
      });
    });
    if (!control) return tl::make_unexpected(control.error());
    control_ = std::move(*control);
    return {};
  }

  void print_places() const {
    std::printf("{\"page\":\"http://127.0.0.1:%u/\",\"control\":\"http://127.0.0.1:%u/\"}\n",
                unsigned{api_->port()}, unsigned{control_->port()});
    std::fflush(stdout);
  }

  void stop() {
    control_->stop();
    api_->stop();
  }

 private:
  using Answer = api::ApiHooks::Answer;

  static const std::map<std::string, FakeTraits>& modules() {
    static const std::map<std::string, FakeTraits> all{{"online", {"online", true, 0}},
                                                       {"optimistic", {"optimistic", false, 2}},
                                                       {"immutable", {"immutable", false, 7}},
                                                       {"through-db", {"through-db", false, 15}}};
    return all;
  }
  static std::string plugins() {
    std::string list = R"({"path":"/plugins/bad.so","usable":false,"reason":"It is broken."},)"
                       R"({"path":"/other/online.so","usable":true,"id":"online","version":"0",)"
                       R"("description":"","traits":[],"hidden_by":"/plugins/online.so"})";
    for (const auto& [id, traits] : modules()) {
      list += R"(,{"path":"/plugins/)" + id + R"(.so","usable":true,"id":")" + id +
              R"(","version":"1.0.0","description":"Played","traits":[],"hidden_by":null})";
    }
    return R"({"plugins":[)" + list + "]}";
  }

  FakePort& add(const std::string& name, const std::string& module) {
    fakes_[name] = std::make_unique<FakePort>(name, modules().at(module));
    runs_[name] = {module, ""};
    return *fakes_[name];
  }

  void play_modules(api::ApiHooks& hooks) {
    hooks.plugins = plugins;
    hooks.swap = [this](api::SwapRequest request, Answer answer) {
      thread_.executor().post([this, request = std::move(request), answer = std::move(answer)] {
        if (refuses(request.force, answer)) return;
        auto& [current, before] = runs_.at(request.instance);
        if (request.back && before.empty()) {
          return answer(failure(ErrorCode::rejected, "It has had no other module yet."));
        }
        before = std::exchange(current, request.back ? before : request.module);
        fakes_.at(request.instance)->become(modules().at(current));
        answer({});
      });
    };
    hooks.add = [this](api::AdditionRequest request, Answer answer) {
      thread_.executor().post([this, request = std::move(request), answer = std::move(answer)] {
        if (refuses(false, answer)) return;
        FakePort& port = add(request.instance, request.module);
        port.report_to(*api_);
        api_->add_pattern(port);
        answer({});
      });
    };
    hooks.remove = [this](api::RemovalRequest request, Answer answer) {
      thread_.executor().post([this, request = std::move(request), answer = std::move(answer)] {
        if (refuses(request.force, answer)) return;
        api_->remove_pattern(request.instance);
        fakes_.erase(request.instance);
        answer({});
      });
    };
  }

  /// The effect of "unwilling": once, or until it is forced.
  bool refuses(bool force, const Answer& answer) {
    if (!refusal_) return false;
    const api::ModuleError refusal = *refusal_;
    if (force || !refusal.force_helps) refusal_.reset();
    if (force && refusal.force_helps) return false;
    answer(tl::unexpected(refusal));
    return true;
  }

  void steer(const net::ServerRequest& request) {
    const auto get = [&](std::string_view name) {
      const std::string* value = net::find_parameter(request.query, name);
      return value == nullptr ? std::string() : *value;
    };
    const std::string verb = request.segments.empty() ? "" : request.segments[0];
    if (verb == "stream") {
      const bool live = get("state") == "live";
      api_->on_stream_status(
          {"todos", live ? StreamState::live : StreamState::retrying, get("reason")});
    }
    if (verb == "unwilling") {
      refusal_ =
          api::ModuleError({ErrorCode::rejected, get("message")}, get("force_helps") == "true");
    }
    for (const auto& [name, fake] : fakes_) {
      if (!get("pattern").empty() && get("pattern") != name) continue;
      if (verb == "hold") fake->hold(true);
      if (verb == "release") fake->hold(false);
      if (verb == "refuse") fake->refuse_next({409, get("message"), "23505", "", "title", {}});
      if (verb == "fail") fake->fail_next_write({ErrorCode::retry, get("message")});
      if (verb == "doubt") fake->fail_next_write({ErrorCode::in_doubt, get("message")});
      if (verb == "queue") fake->set_queue(state_named<QueueState>(get("state")), get("reason"));
      if (verb == "state") fake->set_state(state_named<PatternState>(get("state")), get("reason"));
      if (verb == "remove") fake->remove(get("id"));
      if (verb == "table") fake->announce_table();
      if (verb == "fill") fill(*fake, std::stoi(get("from")), std::stoi(get("count")));
      if (verb == "put") {
        fake->put({{"id", get("id")},
                   {"title", get("title")},
                   {"completed", get("completed").empty() ? "false" : get("completed")},
                   {"created_at", get("created_at")}});
      }
      fake->settle();
    }
  }

  /// Rows that are called by their numbers, one a millisecond.
  static void fill(FakePort& fake, int from, int count) {
    for (int number = from; number < from + count; ++number) {
      std::array<char, 37> id{};
      std::array<char, 32> time{};
      (void)std::snprintf(id.data(), id.size(), "00000000-0000-4000-8000-%012d", number);
      (void)std::snprintf(time.data(), time.size(), "2024-01-01 00:%02d:%02d.%03d+00",
                          number / 60'000, number / 1'000 % 60, number % 1'000);
      fake.put({{"id", id.data()},
                {"title", "row " + std::to_string(number)},
                {"completed", "false"},
                {"created_at", time.data()}});
    }
  }

  std::map<std::string, std::unique_ptr<FakePort>> fakes_;           // constant once all runs
  std::map<std::string, std::pair<std::string, std::string>> runs_;  // its module, and before
  std::optional<api::ModuleError> refusal_;
  std::unique_ptr<api::ApiServer> api_;
  std::unique_ptr<net::HttpServer> control_;
  OwnThread thread_;
};

}  // namespace
}  // namespace patchbay::test

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: page_server <port, 0: any> <the page's directory>\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  patchbay::test::PageServer server;
  const auto port = static_cast<std::uint16_t>(std::stoul(argv[1]));
  const patchbay::Result<void> started = server.start(port, argv[2]);
  if (!started) {
    std::cerr << started.error().message << "\n";
    return 1;
  }
  server.print_places();
  while (std::cin.get() != EOF) {
  }
  server.stop();
  return 0;
}
