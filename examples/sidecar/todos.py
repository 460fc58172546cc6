#!/usr/bin/env python3
"""Writes the app's todos from another process: plain SQL on the file that through-db keeps.

usage: todos.py FILE list | add TITLE... | done ID... | clear
"""
import sqlite3
import sys
import uuid


def open_store(path):
    # mode=rw: a mistyped name is an error, not a new empty file. The timeout waits while the host
    # or another program is writing.
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=5, isolation_level=None)
    known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'todos'").fetchone()
    if known is None:
        sys.exit(f"{path} has no table todos yet: let the host sync once, then try again")
    return connection


def add(connection, titles):
    """All of them in one transaction, and in one write to the server: the marks say so."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO patchbay_boundary DEFAULT VALUES")
    for title in titles:
        connection.execute(
            "INSERT INTO todos (id, title, completed) VALUES (?, ?, ?)",
            (str(uuid.uuid4()), title, False),
        )
    connection.execute("INSERT INTO patchbay_boundary DEFAULT VALUES")
    connection.execute("COMMIT")


def done(connection, ids):
    for todo in ids:
        found = connection.execute("UPDATE todos SET completed = 1 WHERE id = ?", (todo,))
        if found.rowcount == 0:
            sys.exit(f"there is no todo {todo}")


def show(connection):
    rows = connection.execute("SELECT id, completed, title FROM todos ORDER BY created_at, id")
    for todo, completed, title in rows:
        print(todo, "x" if completed else "-", title)


def main(arguments):
    if len(arguments) < 2 or arguments[1] not in ("list", "add", "done", "clear"):
        sys.exit(__doc__.strip())
    path, command, *rest = arguments
    connection = open_store(path)
    if command == "add":
        add(connection, rest)
    elif command == "done":
        done(connection, rest)
    elif command == "clear":
        connection.execute("DELETE FROM todos WHERE completed")
    show(connection)


if __name__ == "__main__":
    main(sys.argv[1:])
