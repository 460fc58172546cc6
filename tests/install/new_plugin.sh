#!/usr/bin/env bash
# `patchbay new-plugin` writes a project that builds without a warning, keeps the pattern laws,
# passes its own tests, and is loaded by the host.
# shellcheck source=tests/install/common.sh
source "${BASH_SOURCE[0]%/*}/common.sh"

cd "$work" || exit
said=$("$prefix/bin/patchbay" new-plugin soft-delete)
[[ -f soft-delete/src/soft_delete_pattern.cpp ]] || fail "$(find soft-delete)"
grep -rniE 'my[-_]?pattern' soft-delete && fail "the template's own name is left"

# What it says to type next, word for word, except the host, which stays.
commands=$(sed -n 's/^  //p' <<<"$said" | grep -v ' run --plugin-path ')
export CXXFLAGS="-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast"
bash -eu -c "$commands" >build.log 2>&1 || { cat build.log; fail "$commands"; }
expect "It keeps every law that was checked." "$(<build.log)"
ctest --test-dir soft-delete/build >build.log 2>&1 || { cat build.log; fail "its own tests"; }
expect "soft-delete-keeps-the-laws" "$(<build.log)"
listed=$("$prefix/bin/patchbay" plugins --plugin-path soft-delete/build/lib/patchbay/plugins)
expect "  soft-delete 0.1.0: " "$listed"
expect "  traits: optimistic" "$listed"
