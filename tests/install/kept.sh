#!/usr/bin/env bash
# A plugin that links patchbay::sqlite, outside the tree.
# shellcheck source=tests/install/common.sh
source "${BASH_SOURCE[0]%/*}/common.sh"

configure_and_build "$SOURCES/tests/install/kept" "$work/build" "-DCMAKE_PREFIX_PATH=$prefix"
listed=$("$prefix/bin/patchbay" plugins --plugin-path "$work/build/lib/patchbay/plugins")
expect "  kept 1.0.0: Opens a store. " "${listed//$'\n'/ }"
