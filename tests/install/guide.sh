#!/usr/bin/env bash
# docs/writing-a-plugin.md, followed to the letter except for the port, with the installed SDK.
# shellcheck source=tests/install/common.sh
source "${BASH_SOURCE[0]%/*}/common.sh"

cd "$work" || exit
mkdir outputs
port=$(python3 -c 'import socket
with socket.create_server(("127.0.0.1", 0)) as s: print(s.getsockname()[1])')
PATH=$prefix/bin:$PATH OUTPUTS=$work/outputs \
  python3 "$SOURCES/tests/install/guide.py" "$SOURCES/docs/writing-a-plugin.md" "$port" || {
  cat soft-delete/*.log >&2
  fail "the page is wrong"
}
