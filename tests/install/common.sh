# shellcheck shell=bash
# What the tests of the installed SDK share; sourced. SOURCES and BUILD are set by ctest.
set -euo pipefail
# shellcheck disable=SC2034 # used by those who source this
prefix=$1

# Nothing of the tree around us may help: only the prefix, and the compiler's cache.
unset PATCHBAY_PLUGIN_PATH PATCHBAY_CONFIG CMAKE_PREFIX_PATH
export CMAKE_GENERATOR=Ninja CMAKE_BUILD_TYPE=Debug
command -v ccache >/dev/null && export CMAKE_CXX_COMPILER_LAUNCHER=ccache

# PostgreSQL's user passes through here too.
work=$(mktemp -d -t patchbay-install.XXXXXX)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# expect <text> <what was said>: the text is part of it.
expect() {
  [[ $2 == *"$1"* ]] || fail "expected «$1» in: $2"
}

# configure_and_build <sources> <build directory> [cmake argument…]
configure_and_build() {
  local log=$work/build.log
  { cmake -S "$1" -B "$2" "${@:3}" && cmake --build "$2"; } >"$log" 2>&1 || {
    cat "$log" >&2
    fail "$1 does not build"
  }
}
