// URLs of the parts of a host. Configuration -> here -> whoever asks the parts, or shows where they
// are. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace patchbay::app {

/// "http://host:port" or a full shape endpoint -> the shape endpoint; a query stays behind it.
[[nodiscard]] std::string shape_url(const std::string& electric_url);
/// URL of a part of this host that listens there; one that listens everywhere is on loopback too.
[[nodiscard]] std::string url_of(const std::string& address, std::uint16_t port);
/// A database's URL, checked before, fit to be shown.
[[nodiscard]] std::string without_password(const std::string& url);

}  // namespace patchbay::app
