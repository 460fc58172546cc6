#include "log/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "log/secrets.hpp"

namespace patchbay::log {
namespace {

spdlog::logger& logger() {
  static spdlog::logger instance("patchbay", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return instance;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::misbehaving:
      return spdlog::level::err;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

std::optional<Level> parse_level(std::string_view word) noexcept {
  if (word == "debug") return Level::debug;
  if (word == "info") return Level::info;
  if (word == "warning") return Level::warning;
  if (word == "error") return Level::error;
  return std::nullopt;
}

void configure(Level lowest) {
  logger().set_pattern("%Y-%m-%dT%H:%M:%S.%e %-7l %v");
  logger().set_level(spdlog_level(lowest));
}

void write(Level level, std::string_view component, std::string_view message) {
  const std::string_view prefix = level == Level::misbehaving ? "misbehaving: " : "";
  if (!logger().should_log(spdlog_level(level))) return;
  logger().log(spdlog_level(level), "[{}] {}{}", component, prefix, hidden(message));
}

}  // namespace patchbay::log
