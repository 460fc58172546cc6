#include "database/database_url.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace patchbay {
namespace {

/// The keywords that say which database it is, and whose.
constexpr std::array<std::string_view, 6> kPlace = {"service", "host",   "hostaddr",
                                                    "port",    "dbname", "user"};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

/// libpq's reason without the pieces of the text that it quotes.
std::string without_quotations(std::string_view message) {
  std::string reason;
  bool quoted = false;
  for (const char letter : message.substr(0, message.find('\n'))) {
    if (letter == '"') {
      quoted = !quoted;
      if (quoted) reason += "…";
    } else if (!quoted) {
      reason += letter;
    }
  }
  return reason;
}

/// A value in the form that follows "keyword=".
std::string quoted(const std::string& value) {
  const bool plain = !value.empty() && std::ranges::none_of(value, [](char letter) {
    return letter == '\'' || letter == '\\' || static_cast<unsigned char>(letter) <= ' ';
  });
  if (plain) return value;
  std::string text = "'";
  for (const char letter : value) {
    if (letter == '\'' || letter == '\\') text += '\\';
    text += letter;
  }
  return text + "'";
}

void append(std::string& text, const std::string& keyword, const std::string& value) {
  text += (text.empty() ? "" : " ") + keyword + "=" + quoted(value);
}

/// Whether libpq would end a password early at an unescaped / or @: it would take the rest as host,
/// port or name of the database, and quote it in messages.
bool splits_a_password(const std::string& text) {
  const std::size_t scheme = text.find("://");
  if (!text.starts_with("postgres") || scheme == std::string::npos) return false;
  const std::string place = text.substr(scheme + 3, text.find('?') - scheme - 3);
  const std::size_t at = place.find('@');
  return at != std::string::npos && (place.find('/') < at || place.rfind('@') != at);
}

tl::unexpected<Error> misread() {
  return failure(ErrorCode::rejected,
                 "The database URL cannot be read: its port is not a number, or a part of its "
                 "password stands in another's place. Write postgresql://user@host:port/database, "
                 "or user:password before the @, with %2F for a / in it, %40 for an @ and %3A for "
                 "a colon.");
}

}  // namespace

Result<DatabaseUrl> DatabaseUrl::parse(const std::string& text) {
  if (splits_a_password(text)) return misread();
  char* message = nullptr;
  const Options options(PQconninfoParse(text.c_str(), &message));
  const std::string reason = without_quotations(message == nullptr ? "out of memory" : message);
  PQfreemem(message);
  if (!options) {
    return failure(ErrorCode::rejected,
                   "The database URL cannot be read: " + reason +
                       ". Write postgresql://user@host:port/database, with %20 for a blank, or "
                       "\"host=… dbname=…\", with single quotes around a value with blanks.");
  }
  DatabaseUrl url;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    Setting& setting = url.settings_.emplace_back();
    setting.keyword = option->keyword;
    if (option->envvar != nullptr) setting.environment = option->envvar;
    setting.secret = std::string_view(option->dispchar) == "*";
    // The code that connects chooses the kind of session.
    if (option->val != nullptr && setting.keyword != "replication") setting.value = option->val;
  }
  const std::string port = url.find("port")->value.value_or("");
  if (port.find_first_not_of("0123456789,") != std::string::npos) return misread();
  return url;
}

DatabaseUrl::Setting* DatabaseUrl::find(std::string_view keyword) {
  const auto found = std::ranges::find(settings_, keyword, &Setting::keyword);
  return found == settings_.end() ? nullptr : &*found;
}

std::optional<std::string> DatabaseUrl::value(std::string_view keyword) const {
  const auto found = std::ranges::find(settings_, keyword, &Setting::keyword);
  if (found == settings_.end()) return std::nullopt;
  if (found->value || found->environment.empty()) return found->value;
  const char* value = std::getenv(found->environment.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void DatabaseUrl::set(std::string_view keyword, std::string value) {
  // A keyword that this libpq does not know would make it refuse the whole text.
  if (Setting* setting = find(keyword)) setting->value = std::move(value);
}

void DatabaseUrl::set_default(std::string_view keyword, std::string value) {
  if (!this->value(keyword)) set(keyword, std::move(value));
}

std::string DatabaseUrl::text() const {
  std::string text;
  for (const Setting& setting : settings_) {
    if (setting.value) append(text, setting.keyword, *setting.value);
  }
  return text;
}

std::vector<std::string> DatabaseUrl::secrets() const {
  std::vector<std::string> secrets;
  for (const Setting& setting : settings_) {
    if (auto said = value(setting.keyword); said && setting.secret) secrets.push_back(*said);
  }
  return secrets;
}

std::string DatabaseUrl::shown() const {
  std::string text;
  for (const Setting& setting : settings_) {
    const bool place = std::ranges::find(kPlace, setting.keyword) != kPlace.end();
    const auto said = place ? value(setting.keyword) : setting.value;
    if (said && !setting.secret) append(text, setting.keyword, *said);
  }
  return text;
}

void forget_session_environment() {
  for (const char* name : {"PGTZ", "PGDATESTYLE"}) unsetenv(name);
}

void forget_libpq_environment() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (variable.starts_with("PG")) names.emplace_back(variable.substr(0, variable.find('=')));
  }
  for (const std::string& name : names) unsetenv(name.c_str());
}

}  // namespace patchbay
