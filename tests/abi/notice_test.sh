#!/usr/bin/env bash
# What the record is for: a change that plugins would not survive is noticed, another is not.
set -euo pipefail
root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
# shellcheck source=tests/abi/contract.sh
source "$root/tests/abi/contract.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_contract_library "$work/contract.so"
write_record "$work/contract.so" "$work/record.abi"

# after <header> <sed expression>: compares the contract as it would be then.
after() {
  rm -rf "$work/headers"
  cp -r "$contract_headers" "$work/headers"
  sed -i "$2" "$work/headers/patchbay/$1"
  if cmp -s "$contract_headers/patchbay/$1" "$work/headers/patchbay/$1"; then
    echo "«$2» changes nothing in $1; correct this test" >&2
    exit 1
  fi
  make_contract_library "$work/changed.so" "$work/headers"
  compare_with_record "$work/record.abi" "$work/changed.so" >/dev/null
}

notices() {
  if after "$@"; then
    echo "not noticed in $1: $2" >&2
    exit 1
  fi
}

if ! after host.hpp '1i // One more line.'; then
  echo "a comment counts as a change" >&2
  exit 1
fi
notices effects.hpp 's/^class Effects {/&\n public:\n  virtual void one_more(int) = 0;/'
notices effects.hpp '/virtual void row_gone/{h;d};/virtual void table_changed/{G}' # another order
notices write.hpp 's/^struct Rejection {/&\n  bool one_more = false;/' # fits into padding
