// DatabaseUrl: how a database is named, read as libpq reads it: a URI (postgresql://…) or keywords
// (host=… dbname=…). Configuration → everybody who connects. A value; no strand.
//
// What the text leaves out libpq takes from PGHOST, PGPASSWORD and so on, and from its service and
// password files: their meaning stays. What a session must be is set by who connects.
#pragma once

#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

class DatabaseUrl {
 public:
  /// ErrorCode::rejected: libpq cannot read `text`. The message repeats nothing of it, for it may
  /// hold a password. [any thread]
  [[nodiscard]] static Result<DatabaseUrl> parse(const std::string& text);

  /// What the text says of a libpq keyword, else what its environment variable says.
  [[nodiscard]] std::optional<std::string> value(std::string_view keyword) const;
  /// Replaces what the text says. `keyword` is one of libpq's.
  void set(std::string_view keyword, std::string value);
  /// Adds what neither the text nor the environment says.
  void set_default(std::string_view keyword, std::string value);

  /// The passwords that text and environment give.
  [[nodiscard]] std::vector<std::string> secrets() const;
  /// For libpq, as keywords.
  [[nodiscard]] std::string text() const;
  /// For people: what the text says, and the environment of the place, as keywords, without the
  /// secrets.
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

/// Takes from this process's environment what libpq would make of a session: its time zone and date
/// style, which come last and so beat every other setting. [startup], before any thread.
void forget_session_environment();
/// Takes everything libpq reads from it: for a database that is wholly named by its URL. [startup]
void forget_libpq_environment();

}  // namespace patchbay
