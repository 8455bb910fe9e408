#!/usr/bin/env python3
"""Fails when a source file uses something that tools/bans.txt does not grant it.

Usage: check_bans.py ROOT
"""
import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])


def rules():
    for line in (ROOT / "tools/bans.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, _, globs = line.rpartition(" :")
            yield re.compile(pattern.strip()), globs.split()


def code_lines(file):
    for number, line in enumerate(file.read_text().splitlines(), 1):
        yield number, re.sub(r"//.*", "", line)


def main():
    problems = []
    bans = list(rules())
    for file in sorted((ROOT / "src").rglob("*")):
        name = str(file.relative_to(ROOT))
        if file.suffix not in (".h", ".cc") or name.endswith(("_test.cc", "_fuzz.cc", "_bench.cc")):
            continue
        active = [(p, g) for p, g in bans if not any(fnmatch.fnmatch(name, glob) for glob in g)]
        for number, line in code_lines(file):
            for pattern, globs in active:
                if pattern.search(line):
                    allowed = " ".join(globs) or "nowhere"
                    problems.append(f"{name}:{number}: '{pattern.pattern}' is allowed only in {allowed}: {line.strip()}")
    print("\n".join(problems) or f"bans ok: {len(bans)} rules")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
