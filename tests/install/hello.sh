#!/usr/bin/env bash
# The example, copied out of the tree, is built against the installed SDK and runs in the installed
# host.
# shellcheck source=tests/install/common.sh
source "${BASH_SOURCE[0]%/*}/common.sh"

cp -r "$SOURCES/examples/hello-pattern" "$work/hello"
configure_and_build "$work/hello" "$work/build" "-DCMAKE_PREFIX_PATH=$prefix"
grep -q "patchbay_DIR:PATH=$prefix/" "$work/build/CMakeCache.txt" || fail "another SDK was found"

plugins=$work/build/lib/patchbay/plugins
listed=$("$prefix/bin/patchbay" plugins --plugin-path "$plugins" --json)
python3 - "$plugins/hello.so" <<PYTHON || fail "$listed"
import json, sys
hello = next(one for one in json.loads('''$listed''')["plugins"] if one["path"] == sys.argv[1])
assert hello["usable"] and hello["id"] == "hello" and hello["traits"] == [], hello
PYTHON

nowhere=http://127.0.0.1:1
"$prefix/bin/patchbay" run --directory "$work/data" --port 0 --pattern hello \
  --plugin-path "$plugins" --electric-url $nowhere --backend-url $nowhere >"$work/run.log" 2>&1 &
host=$!
for ((tries = 0; tries < 200; ++tries)); do
  grep -q 'Patchbay is running' "$work/run.log" && break
  kill -0 $host 2>/dev/null || break
  sleep 0.05
done
kill -INT $host 2>/dev/null || true
wait $host || fail "$(cat "$work/run.log")"
expect "Hello, I am hello." "$(cat "$work/run.log")"
