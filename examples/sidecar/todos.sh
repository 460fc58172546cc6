#!/usr/bin/env bash
# Writes the app's todos with nothing but the sqlite3 shell: plain SQL on the file that through-db
# keeps. usage: todos.sh FILE list | add TITLE | done ID | clear
set -euo pipefail

usage() {
  echo "usage: ${0##*/} FILE list | add TITLE | done ID | clear" >&2
  exit 2
}

# A text as SQL.
text() { printf "'%s'" "${1//\'/\'\'}"; }

# .timeout waits while the host or another program is writing; -bail makes an error the exit code.
run() { sqlite3 -bail -cmd '.timeout 5000' "$file" "$1"; }

[[ $# -ge 2 ]] || usage
file=$1
[[ -f $file ]] || { echo "there is no file $file" >&2; exit 1; }

case $2 in
  list) ;;
  add)
    [[ $# == 3 ]] || usage
    id=$(cat /proc/sys/kernel/random/uuid)
    run "INSERT INTO todos (id, title, completed) VALUES ('$id', $(text "$3"), false)"
    ;;
  done)
    [[ $# == 3 ]] || usage
    run "UPDATE todos SET completed = true WHERE id = $(text "$3")"
    ;;
  clear) run "DELETE FROM todos WHERE completed" ;;
  *) usage ;;
esac
run "SELECT id, iif(completed, 'x', '-'), title FROM todos ORDER BY created_at, id"
