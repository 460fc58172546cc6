// PatternParts: a directory of a host with real modules, a configuration and a registry, for the
// tests of the parts that load, start, watch and end patterns. StartedParts: those parts beside a
// stream and a local API that are faked; a pattern has a thread of its own there, as always.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/api_server.hpp"
#include "config/sealed_text.hpp"
#include "patterns/crash_files.hpp"
#include "patterns/module_watches.hpp"
#include "patterns/network_listeners.hpp"
#include "patterns/pattern_loader.hpp"
#include "patterns/pattern_registry.hpp"
#include "patterns/pattern_starter.hpp"
#include "patterns/pattern_stopper.hpp"
#include "patterns/pattern_swap.hpp"
#include "plugins/plugin_directory.hpp"
#include "sim/manual_clock.hpp"
#include "support/runner_fakes.hpp"
#include "support/scripted_files.hpp"

namespace patchbay::patterns {

class PatternParts : public testing::Test {
 protected:
  PatternParts() {
    config_.directory = directory_.path() / "host";
    config_.plugin_directories = {directory_.path()};
    config_.tables = {"todos"};
    module_ = directory_.add_plugin("online");
  }

  static PatternConfig pattern(const std::string& name, const std::string& module) {
    PatternConfig pattern;
    pattern.name = name;
    pattern.module = module;
    return pattern;
  }
  void note_crashes(const std::string& instance, const std::filesystem::path& module,
                    int times) const {
    std::filesystem::create_directories(config_.directory / "crashes");
    std::ofstream file(config_.directory / "crashes" / instance);
    while (times-- > 0)
      file << "on_write SIGSEGV " << std::filesystem::weakly_canonical(module).string() << "\n";
  }
  /// "notes items; held back: ads", in the order in which they were loaded.
  [[nodiscard]] std::string print() const {
    std::string text;
    for (const auto& one : registry_.running()) text += one->config.name + " ";
    text += "|";
    for (const HeldBack& held : registry_.held_back()) text += " " + held.config.name;
    return text;
  }

  test::PluginDirectory directory_;
  Config config_;
  std::filesystem::path module_;
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  test::ScriptedFiles files_;
  PatternRegistry registry_;  ///< The patterns may be watched: gone before those.
};

/// Prints what it is told: "add notes, remove notes, miss ads: It crashed."
class FakeApi final : public api::ApiServer {
 public:
  [[nodiscard]] std::uint16_t port() const override { return 0; }
  void miss_pattern(const std::string& instance, const std::string& reason) override {
    add("miss " + instance + ": " + reason);
  }
  void on_troubles(std::vector<api::Trouble>) override {}
  void add_pattern(PatternPort& port) override { add("add " + port.instance()); }
  void remove_pattern(const std::string& instance) override { add("remove " + instance); }
  void on_stream_status(const StreamStatus&) override {}
  void stop() override {}
  void on_row_changed(const std::string&, const ViewRow&) override {}
  void on_row_gone(const std::string&, const RowRef&) override {}
  void on_table_changed(const std::string&, const std::string&) override {}
  void on_write_state(const std::string&, const WriteStatus&) override {}
  void on_pattern_status(const PatternStatus&) override {}

  [[nodiscard]] std::string take() { return std::exchange(told_, {}); }

 private:
  void add(const std::string& one) { told_ += (told_.empty() ? "" : ", ") + one; }

  std::string told_;
};

class StartedParts : public PatternParts {
 protected:
  StartedParts() { config_.backend_url = "http://127.0.0.1:9"; }  // nothing answers there
  ~StartedParts() override {
    pool_.stop();  // as the host does: nothing reaches a pattern any more
    stopper_.stop_all();
  }

  /// The module's name and id as the record on disk has them; "" for no record.
  [[nodiscard]] std::string recorded(const std::string& instance) const {
    const auto record = read_record(record_file(config_.directory, instance));
    if (!record || !*record) return "";
    return (*record)->configured + ": " + (*record)->current.id +
           ((*record)->added ? ", added" : "");
  }
  /// Leaves an instance with a record that this version does not read.
  [[nodiscard]] std::filesystem::path write_newer_record(const std::string& instance) const {
    const auto file = record_file(config_.directory, instance);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << sealed("patchbay 3\nnews 1\n");
    return file;
  }
  /// "running", or why not.
  template <typename Result>
  static std::string said(const Result& result) {
    return result ? std::string(to_string(result->state)) : result.error().message;
  }

  test::FakeStream stream_;
  FakeApi api_;
  IoPool pool_{1};
  std::unique_ptr<Executor> hub_strand_ = pool_.make_strand();
  CrashFiles crashes_{config_.directory, clock_, executor_};
  PatternLoader loader_{config_, crashes_, registry_};
  NetworkListeners network_{*hub_strand_};
  PatternStarter starter_{config_, pool_, crashes_, {stream_, api_, network_}};
  PatternStopper stopper_{registry_, api_, network_, crashes_};
  ModuleWatches watches_{
      [this] {
        return ModuleWatch::Parts{std::make_unique<sim::ManualExecutor>(), clock_, files_};
      },
      true, [](const std::string&) {}};
  PatternSwap swap_{config_, executor_, watches_};
};

}  // namespace patchbay::patterns
