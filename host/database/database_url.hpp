// DatabaseUrl: the name of a database, read as libpq reads it: a URI (postgresql://…) or keywords
// (host=… dbname=…). Configuration → every connection. A value; no strand.
//
// libpq takes what the text leaves out from PGHOST, PGPASSWORD and so on, and from its service and
// password files; that is left to libpq. The code that connects adds its own settings.
#pragma once

#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

class DatabaseUrl {
 public:
  /// Reads a URL. ErrorCode::rejected: libpq cannot read `text`. The message does not quote it,
  /// because it may contain a password. [any thread]
  [[nodiscard]] static Result<DatabaseUrl> parse(const std::string& text);

  /// The value that the text gives to a libpq keyword, else that of its environment variable.
  [[nodiscard]] std::optional<std::string> value(std::string_view keyword) const;
  /// Sets the value of a libpq keyword, whatever the text says.
  void set(std::string_view keyword, std::string value);
  /// Sets the value where neither the text nor the environment gives one.
  void set_default(std::string_view keyword, std::string value);

  /// The passwords in text and environment.
  [[nodiscard]] std::vector<std::string> secrets() const;
  /// The URL for libpq, as keywords.
  [[nodiscard]] std::string text() const;
  /// The URL for people: as keywords, with the place that the environment gives, without secrets.
  [[nodiscard]] std::string shown() const;

 private:
  struct Setting {
    std::string keyword;
    std::string environment;  ///< "" when no variable gives it.
    bool secret = false;
    std::optional<std::string> value;
  };
  Setting* find(std::string_view keyword);

  std::vector<Setting> settings_;  // every keyword of this libpq
};

/// Removes from this process's environment the time zone and date style of a session: libpq sends
/// them last, so that they override every other setting. [startup], before any thread.
void forget_session_environment();
/// Removes everything that libpq reads there: for a database that its URL names completely.
/// [startup]
void forget_libpq_environment();

}  // namespace patchbay
