#!/usr/bin/env bash
# Installs, moves the prefix away, and looks whether all is there. Makes what the others use.
# shellcheck source=tests/install/common.sh
source "${BASH_SOURCE[0]%/*}/common.sh"

rm -rf "$prefix"
umask 002 # many systems' default; the loader wants directories that only their owner writes
cmake --install "$BUILD" --prefix "$work/first" >"$work/install.log" || fail "cannot install"
mkdir -p "${prefix%/*}"
mv "$work/first" "$prefix"

(cd "$SOURCES/core/include" && find . -name '*.hpp') >"$work/headers"
(cd "$SOURCES/core/sqlite/include" && find . -name '*.hpp') >>"$work/headers"
while read -r header; do
  [[ -f $prefix/include/$header ]] || fail "list $header in core/CMakeLists.txt: it is missing"
done <"$work/headers"

for page in "$SOURCES"/host/web/*; do
  cmp "$page" "$prefix/share/patchbay/web/${page##*/}"
done
places=$(grep -rs -e "$SOURCES" -e "$BUILD" -e "$work" "$prefix/lib/cmake") &&
  fail "the package names a place of its build: $places"

listed=$("$prefix/bin/patchbay" plugins)
for plugin in online optimistic; do expect "  $plugin " "$listed"; done
expect "$prefix/lib/patchbay/plugins" "$listed"
[[ $listed != *"cannot be used"* && $listed != *"$BUILD/lib"* ]] || fail "$listed"
