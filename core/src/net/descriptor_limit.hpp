// The number of files and sockets that this process may have open at one time: raised at the start
// of a program that serves, and divided among its HTTP servers where it is too low. No state of its
// own: the limit belongs to the process.
#pragma once

#include <cstddef>

namespace patchbay::net {

/// The number of descriptors that this process may have open now. [any thread]
[[nodiscard]] std::size_t descriptor_limit();

/// Raises that number to kDescriptorsWanted, or as far as the system lets this process raise it:
/// then a warning in the log says what follows from that and what to do. [startup]
void raise_descriptor_limit();

/// Returns how many connections a server takes that would take `wanted`: fewer in proportion, where
/// the process may have fewer than kDescriptorsWanted open, so that all servers together leave some
/// for files, databases and clients; not fewer than kConnectionsSure.
[[nodiscard]] std::size_t connections_within(std::size_t wanted, std::size_t descriptors);

}  // namespace patchbay::net
