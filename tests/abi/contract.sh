# shellcheck shell=bash
# The contract's binary interface as abigail-tools see it: sizes, offsets, virtual tables,
# enumerators. Sourced by the tests here and by scripts/record-abi; `root` is the tree.

contract_headers=${root:?}/core/include

interface_version() {
  sed -n 's/.*kInterfaceVersion = \([0-9]*\);.*/\1/p' "$contract_headers/patchbay/plugin.hpp"
}

# The major version of the g++ whose records these are: another one's cannot be compared with them.
recording_compiler() { cat "$root/tests/abi/recorded-with"; }

record_of() { echo "$root/tests/abi/contract-v$1.abi"; }

# make_contract_library <file> [headers]: a library that knows every type of the contract. Without
# the third flag, classes that nobody makes would be in the debug information by name only.
make_contract_library() {
  "${CXX:-g++}" -std=c++20 -g -femit-class-debug-always -fPIC -shared -fvisibility=hidden \
    "-ffile-prefix-map=$root=." -I"${2:-$contract_headers}" \
    "$root/tests/abi/contract_types.cpp" -o "$1"
}

write_record() {
  abidw --no-show-locs --no-comp-dir-path --no-corpus-path --no-parameter-names \
    --out-file "$2" "$1"
}

# compare_with_record <record> <library>: what differs, and whether something does.
compare_with_record() { abidiff --harmless "$1" "$2"; }
