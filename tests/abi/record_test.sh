#!/usr/bin/env bash
# The contract is laid out as recorded, or has a new interface version: a host must refuse a plugin
# that was built for another layout, and it knows them by that number.
set -euo pipefail
root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
# shellcheck source=tests/abi/contract.sh
source "$root/tests/abi/contract.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(interface_version)
record=$(record_of "$version")
if [[ ! -f $record ]]; then
  echo "There is no record of interface version $version; run scripts/record-abi and commit it."
  exit 1
fi
make_contract_library "$work/contract.so"
if ! compare_with_record "$record" "$work/contract.so" >"$work/difference"; then
  cat "$work/difference"
  cat <<TEXT

core/include/patchbay is not what ${record#"$root"/} says (above), and kInterfaceVersion is still
$version: a host would load plugins that were built before, and read their objects wrongly.
  Raise kInterfaceVersion in core/include/patchbay/plugin.hpp, then run scripts/record-abi.
  Was version $version never released? Then: scripts/record-abi --replace
TEXT
  exit 1
fi
