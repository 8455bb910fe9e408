#!/usr/bin/env python3
"""Fails when a source file includes a module that its CMakeLists.txt does not declare, or when modules form a cycle.

Usage: check_layers.py SRC
The DEPS list of gateway_module() is the one place where a dependency is granted. A nested folder that is declared as a
module of its own ("store/sqlite") counts as one; other folders belong to the nearest declared module above them.
"""
import pathlib
import re
import sys

SRC = pathlib.Path(sys.argv[1])
KEYWORDS = r"\b(?:SOURCES|ALONE|DEPS|LIBS|TESTS|FUZZ)\b"


def declared_modules():
    modules = {}
    for cmake in SRC.rglob("CMakeLists.txt"):
        for name, body in re.findall(r"gateway_module\(\s*([\w/]+)(.*?)\)", cmake.read_text(), re.S):
            deps = re.search(rf"\bDEPS\b(.*?)(?:{KEYWORDS}|$)", body, re.S)
            modules[name] = set(deps.group(1).split()) if deps else set()
    return modules


def owner(path, modules):
    parts = path.split("/")[:-1]
    prefixes = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((p for p in prefixes if p in modules), None)


def undeclared_includes(modules):
    for file in sorted(SRC.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        me = owner(str(file.relative_to(SRC)), modules)
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            dep = owner(match.group(1), modules) if match else None
            if dep and dep != me and dep not in modules.get(me, ()):
                granted = ", ".join(sorted(modules.get(me, ()))) or "nothing"
                yield f"{file}:{number}: {me} may not include {dep} (declared: {granted})"


def cycles(modules):
    state = {}

    def visit(module, path):
        if state.get(module) == "done":
            return
        if state.get(module) == "open":
            yield "cycle: " + " -> ".join(path[path.index(module):] + [module])
            return
        state[module] = "open"
        for dep in sorted(modules.get(module, ())):
            yield from visit(dep, path + [module])
        state[module] = "done"

    for module in sorted(modules):
        yield from visit(module, [])


def main():
    modules = declared_modules()
    problems = [*undeclared_includes(modules), *cycles(modules)]
    unknown = sorted({d for deps in modules.values() for d in deps} - set(modules))
    problems += [f"unknown module in DEPS: {name}" for name in unknown]
    print("\n".join(problems) or f"layers ok: {len(modules)} modules")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
