// The HttpClient on cpprestsdk, which speaks https too. Write gateway -> client -> backend. The one
// file that sees cpprestsdk; callbacks come on the threads of that library.
#pragma once

#include <memory>

#include "net/http_client.hpp"

namespace patchbay::net {

/// Each request is preceded by a connection of its own, opened and closed (ConnectCheck): an
/// ErrorCode::retry is from there, and whatever fails after it is ErrorCode::in_doubt.
/// `connect_timeout` is that check's, `idle_timeout` the library's; `body_bytes_max` is not kept.
/// Its destructor ends what is in flight and waits for the callbacks.
[[nodiscard]] std::unique_ptr<HttpClient> make_cpprest_client();

}  // namespace patchbay::net
