#!/usr/bin/env python3
"""Fails when the documents speak of something that is not there (any more).

Usage: check_docs.py ROOT [--write]
* Every relative link of a tracked *.md leads to a file, and to a heading where it names one.
* A YAML block that begins with "# examples/…" is that file, byte for byte.
* In the documents about the code (ARCHITECTURE.md, README.md, CONTRIBUTING.md, src/**/README.md), what stands in
  backticks exists: paths, headers ("proxy/proxy.h") and C++ names ("Proxy::handle", "http::Server", "RouteTable").
* The table of layers in ARCHITECTURE.md is what the CMakeLists.txt of src declare; --write makes it anew. Each module
  stands after those that it uses.
* docs/operations.md names every metric and every log event above debug.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
SRC = ROOT / "src"
EXAMPLE = re.compile(r"^```yaml\n(# (examples/[\w./-]+\.yaml).*?)^```$", re.S | re.M)
TABLE = re.compile(r"(<!-- layers, made by tools/check_docs.py --write -->\n).*?(<!-- end of layers -->)", re.S)


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def prose(file):
    """The lines of a document with their numbers, fenced blocks left out."""
    fenced = False
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(file):
    headings = (re.match(r"#+\s+(.*)", line) for _, line in prose(file))
    return {re.sub(r"[^\w\- ]", "", h.group(1).lower()).strip().replace(" ", "-") for h in headings if h}


def broken_links():
    for file in tracked("*.md"):
        for number, line in prose(file):
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                there = (file.parent / path).resolve() if path else file
                where = f"{file.relative_to(ROOT)}:{number}"
                if not there.exists():
                    yield f"{where}: the link {target} leads nowhere"
                elif anchor and there.suffix == ".md" and anchor not in anchors(there):
                    yield f"{where}: {there.name} has no heading for #{anchor}"


def stale_examples():
    for file in tracked("*.md"):
        for block, name in EXAMPLE.findall(file.read_text()):
            example = ROOT / name
            if not example.exists() or example.read_text() != block:
                yield f"{file.relative_to(ROOT)}: the example is not what {name} says"


class Code:
    """Which names the sources know. A check by text: it finds what was renamed or removed, and trusts the rest."""

    def __init__(self):
        self.texts = {file: file.read_text() for file in SRC.rglob("*") if file.suffix in (".h", ".cc")}
        self.words = {file: set(re.findall(r"\w+", text)) for file, text in self.texts.items()}
        self.pairs = set().union(*(re.findall(r"(?=\b(\w+)::(\w+))", text) for text in self.texts.values()))
        self.folders = {file.parent.name for file in self.texts}

    def has_word(self, word, files):
        return any(word in self.words[file] for file in files)

    def knows_pair(self, outer, inner):
        if (outer, inner) in self.pairs:
            return True
        if outer in self.folders and self.has_word(inner, [f for f in self.texts if f.parent.name == outer]):
            return True
        declares = re.compile(rf"\b(?:class|struct|enum class|namespace)\s+(?:[\w:]+::)?{outer}\b")
        return self.has_word(inner, [f for f, text in self.texts.items() if declares.search(text)])

    def knows(self, name):
        parts = [part for part in name.split("::") if part != "gw"]
        if len(parts) == 1:
            return self.has_word(parts[0], self.texts)
        return all(self.knows_pair(outer, inner) for outer, inner in zip(parts, parts[1:]))


def path_exists(text):
    return any(any(base.glob(text)) for base in (ROOT, SRC))


def missing_names():
    code = Code()
    top = {path.name for path in ROOT.iterdir()} - {"build"}
    documents = [ROOT / name for name in ("ARCHITECTURE.md", "README.md", "CONTRIBUTING.md")]
    for file in [*documents, *tracked("src/**/README.md", "src/README.md")]:
        for number, line in prose(file):
            for text in re.findall(r"`([^`]+)`", line):
                where = f"{file.relative_to(ROOT)}:{number}"
                if re.fullmatch(r"[A-Za-z_]\w*(::~?\w+)+(\(\))?|[A-Z]+[a-z]+[A-Z]\w+", text):
                    if not text.startswith("std::") and not code.knows(text.removesuffix("()").replace("~", "")):
                        yield f"{where}: src does not know {text}"
                elif re.fullmatch(r"[\w.\-*]+(/[\w.\-*]+)*/?", text):
                    is_path = text.split("/")[0] in top and "/" in text or text.endswith((".h", ".cc"))
                    if is_path and not path_exists(text.rstrip("/")):
                        yield f"{where}: there is no {text}"


def modules():
    """Name, declared dependencies and purpose (the first sentence of its README), in the order of the layers."""
    order = re.search(r"foreach\(module (.*?)\)", (SRC / "CMakeLists.txt").read_text(), re.S).group(1).split()
    for name in order:
        cmake = (SRC / name / "CMakeLists.txt").read_text()
        deps = re.search(r"gateway_module\([\w/]+.*?\bDEPS\b(.*?)(?:\bLIBS\b|\bTESTS\b|\bFUZZ\b|\))", cmake, re.S)
        text = (SRC / name / "README.md").read_text().split("\n\n")[1]
        purpose = re.split(r"(?<=\.)\s", text.replace("\n", " "))[0]
        yield name, deps.group(1).split() if deps else [], purpose


def misplaced_modules():
    seen = set()
    for name, deps, _ in modules():
        seen.add(name)
        for dep in set(deps) - seen:
            yield f"src/CMakeLists.txt: {name} stands before {dep}, which it uses"


def layer_table():
    rows = ["| module | what it is | may include |", "|---|---|---|"]
    for name, deps, purpose in modules():
        rows.append(f"| [{name}](src/{name}/README.md) | {purpose} | {' '.join(deps)} |")
    return "\n".join(rows) + "\n"


def stale_table(write):
    file = ROOT / "ARCHITECTURE.md"
    text = file.read_text()
    fresh = TABLE.sub(lambda m: m.group(1) + layer_table() + m.group(2), text)
    if write:
        file.write_text(fresh)
    elif fresh != text:
        yield "ARCHITECTURE.md: the table of layers is out of date; ./dev docs makes it anew"


def unnamed_observations():
    operations = (ROOT / "docs/operations.md").read_text()
    golden = (ROOT / "tests/golden/metrics.txt").read_text()
    events = set()
    for file in SRC.rglob("*.cc"):
        if not file.name.endswith("_test.cc"):
            events |= set(re.findall(r'log::(?:info|warn|error)\(\s*"([\w.]+)"', file.read_text()))
    for name in sorted({line.split()[0] for line in golden.splitlines()} | events):
        if not re.search(rf"`{re.escape(name)}[`{{]", operations):
            yield f"docs/operations.md: does not say what {name} means"


def main():
    write = "--write" in sys.argv[2:]
    problems = [*broken_links(), *stale_examples(), *missing_names(), *misplaced_modules(), *stale_table(write),
                *unnamed_observations()]
    print("\n".join(problems) or "docs ok")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
