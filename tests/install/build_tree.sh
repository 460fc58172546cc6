#!/usr/bin/env bash
# The build tree serves as an installed one does: found because its bin is in PATH.
# shellcheck source=tests/install/common.sh
source "${BASH_SOURCE[0]%/*}/common.sh"

export PATH=$BUILD/bin:$PATH
patchbay new-plugin mine --directory "$work/mine" >/dev/null
configure_and_build "$work/mine" "$work/build"
grep -q "patchbay_DIR:PATH=$BUILD/" "$work/build/CMakeCache.txt" || fail "another SDK was found"
expect "  mine 0.1.0: " "$(patchbay plugins --plugin-path "$work/build/lib/patchbay/plugins")"
