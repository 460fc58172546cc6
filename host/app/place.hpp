// Place: where a part of the host is, for people: an address, a file. Parts that start -> App ->
// the terminal and the local API. Plain values.
#pragma once

#include <string>
#include <vector>

namespace patchbay::app {

struct Place {
  std::string name;
  std::string shown;        ///< Fit for a log: it says where the secret is kept.
  std::string with_secret;  ///< For a terminal; "" if there is no secret.
};
using Places = std::vector<Place>;

}  // namespace patchbay::app
