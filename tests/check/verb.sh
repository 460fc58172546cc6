#!/usr/bin/env bash
# `patchbay check` as people and scripts call it: what it prints, and its exit codes.
# Usage: verb.sh <patchbay> <directory of bundled modules> <directory of broken modules>
set -euo pipefail
patchbay=$1 bundled=$2
unset PATCHBAY_PLUGIN_PATH PATCHBAY_CONFIG

work=$(mktemp -d -t patchbay-verb.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
export TMPDIR=$work/tmp
cp "$3/reorders.so" "$3/hangs.so" "$work"
chmod 644 "$work"/*.so

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# check <exit code> [argument…]: what it prints is in $said, on standard error in $errors.
check() {
  local code=0
  said=$("$patchbay" check "${@:2}" 2>"$work/errors") || code=$?
  errors=$(<"$work/errors")
  [[ $code == "$1" ]] || fail "check ${*:2} ended with $code, not $1: $said $errors"
}

# expect <text> <what was said>: the text is part of it.
expect() {
  [[ $2 == *"$1"* ]] || fail "expected «$1» in: $2"
}

check 0 --list
[[ $(wc -l <<<"$said") == 9 ]] || fail "not nine laws: $said"
expect "durability         accepted writes survive kill -9 at any moment (patterns that " "$said"
check 0 --list --json
python3 -c 'import json, sys
laws = json.load(sys.stdin)
assert [law["id"] for law in laws][:2] == ["convergence", "nothing-lost"], laws
assert laws[6]["traits"] == ["durable"], laws' <<<"$said" || fail "$said"

check 0 optimistic --plugin-path "$bundled" --only order,read-your-writes
expect "Checking optimistic " "$said"
expect "read-your-writes   passed " "$said"
expect "It keeps every law that was checked." "$said"
[[ $said != *convergence* ]] || fail "more than was asked for: $said"
check 0 "$bundled/online.so" --only durability
expect "durability         does not bind it (patterns that claim durable)" "$said"

check 1 --setting synchronous=never --only order --setting a=b "$bundled/immutable.so"
expect "The setting synchronous of the instance" "$said"

check 1 "$work/reorders.so" --only order
expect "order              FAILED " "$said"
expect 'In script "after an outage", step' "$said"
expect "Writes reached the server in the order 1 2 3 5 4" "$said"
expect "It does not keep: order." "$said"
check 1 reorders --plugin-path "$work" --only order,liveness --json
expect "order              FAILED" "$errors"
python3 -c 'import json, sys
report = json.load(sys.stdin)
assert report["plugin"]["id"] == "reorders" and report["passed"] is False, report
order, liveness = report["checks"]
assert order["id"] == "order" and order["result"] == "failed" and order["findings"], report
assert "order 1 2 3 5 4" in order["findings"][0] and "output" in order, report
assert liveness["result"] == "passed" and liveness["findings"] == [], report' <<<"$said" ||
  fail "$said"
check 1 "$work/hangs.so" --only order --time-limit 1
expect "order              HUNG" "$said"

check 2
expect "check needs a module" "$errors"
check 2 optimistic --plugin-path "$bundled" --only ordre
expect 'There is no check "ordre"; see patchbay check --list.' "$errors"
check 2 nothing --plugin-path "$work"
expect 'There is no plugin "nothing"' "$errors"
check 2 "$work/nothing.so"
expect "There is no file $work/nothing.so" "$errors"
check 2 optimistic --plugin-path "$bundled" --setting greeting
expect '--setting is "greeting"; give NAME=VALUE.' "$errors"
check 2 optimistic --plugin-path "$bundled" --time-limit 0
echo "no module" >"$work/text.so"
check 1 "$work/text.so"
expect "$work/text.so" "$errors"

# An interrupt ends it, and nothing stays behind.
"$patchbay" check "$work/hangs.so" --only order >"$work/interrupted" &
pid=$!
until grep -q Checking "$work/interrupted"; do kill -0 $pid; done
kill -INT $pid
code=0
wait $pid || code=$?
[[ $code == 130 ]] || fail "interrupted, it ended with $code"
left=$(ls -A "$TMPDIR")
[[ -z $left ]] || fail "left behind: $left"
