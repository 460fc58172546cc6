// The tables of a simulated world, with keys and columns of several kinds, and operations on their
// rows. For scripts, and for whatever plays a server or an app in them. Made once; any thread.
#pragma once

#include <string>
#include <vector>

#include "port/pattern_port.hpp"
#include "sim/model_server.hpp"

namespace patchbay::sim {

/// The tables of every world:
///   items(id int8, note text, title text)
///   lists(id uuid, name text)
///   entries(list uuid -> lists, pos int4, text text), key (list, pos)
///   marks(id int8, text text, write_id uuid)
///   samples(id text, amount numeric, at timestamptz, big int8, doc jsonb, flag bool, raw bytea,
///           tags text[])
[[nodiscard]] const std::vector<ModelTable>& world_tables();

/// Operations as an app asks for them.
[[nodiscard]] RequestedOperation insert_row(std::string table, NamedCells set);
[[nodiscard]] RequestedOperation update_row(std::string table, NamedCells key, NamedCells set);
[[nodiscard]] RequestedOperation remove_row(std::string table, NamedCells key);

}  // namespace patchbay::sim
