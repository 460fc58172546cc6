// One exported function that names every type of the contract, so that their layouts and virtual
// tables are in this library's debug information, for record-abi to write down.
#include <patchbay/plugin.hpp>
#include <patchbay/query.hpp>

namespace patchbay {

__attribute__((visibility("default"))) void every_contract_type(
    const PluginDescriptor&, Pattern&, Host&, Effects&, RowSink&, const Row&, const RowRef&,
    const Cell&, const TableSchema&, const Write&, const RejectedWrite&, const UnfinishedWrite&,
    const Handover&, const OwnState&, const Succession&, const Lease&, const Outcome&,
    const SendOptions&, const Batch&, const Settlement&, const Query&, const Error&,
    const Result<void>&, LogLevel, Trait) {}

}  // namespace patchbay
