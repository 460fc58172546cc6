"""Runs the ```sh blocks of a page in one shell, and compares what each prints with the ```text
block behind it, where "…" stands for anything. Usage: guide.py <page> <port instead of 8787>."""

import fnmatch
import re
import subprocess
import sys


def blocks_of(page):
    """Commands and, or None, what they are to print."""
    found = []
    for kind, text in re.findall(r"^```(sh|text)\n(.*?)^```$", page, re.M | re.S):
        if kind == "sh":
            found.append([text, None])
        else:
            found[-1][1] = text
    return found


def fits(expected, printed):
    literal = re.sub(r"([\[*?])", r"[\1]", expected.strip()).replace("…", "*")
    return fnmatch.fnmatchcase(printed.strip(), literal)


def main(path, port):
    with open(path, encoding="utf-8") as file:
        blocks = blocks_of(file.read().replace("8787", port))
    script = "set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT\n"
    for number, (commands, _) in enumerate(blocks):
        script += f'exec >"$OUTPUTS/{number}" 2>&1\n{commands}'
    with open("guide-script.sh", "w", encoding="utf-8") as file:
        file.write(script)
    code = subprocess.run(["bash", "guide-script.sh"], timeout=270, check=False).returncode
    wrong = ["" if code == 0 else f"a command failed with {code}"]
    for number, (commands, expected) in enumerate(blocks):
        try:
            with open(f"outputs/{number}", encoding="utf-8") as file:
                printed = file.read()
        except FileNotFoundError:
            break
        if code != 0 or (expected is not None and not fits(expected, printed)):
            wrong.append(f"--- {commands}--- printed:\n{printed}--- expected:\n{expected}")
    if any(wrong):
        sys.exit("\n".join(wrong))
    print(f"{len(blocks)} blocks of {path} do what they say")


main(*sys.argv[1:])
