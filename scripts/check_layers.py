#!/usr/bin/env python3
"""Checks every #include of daemon/, sdk/ and plugins/ against scripts/layers.txt.

daemon/   a folder includes what its line in layers.txt allows
sdk/      depends on nothing else in the tree: the standard library, <actord/...>, nlohmann
plugins/  use the SDK only, like anybody's: the standard library, <actord/...>, nlohmann, own files

Usage: check_layers.py [--root DIR]     exit 1 if something is refused
       check_layers.py --self-test      plants violations in a temporary tree and expects to find them
"""
import argparse
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".h", ".hpp", ".c", ".cpp", ".def", ".in"}
# Directories of the C library and the kernel; plain "name.h" is theirs too unless layers.txt claims it.
SYSTEM_DIRECTORIES = {"sys", "linux", "netinet", "arpa", "net", "asm", "bits", "experimental"}


class Rules:
    def __init__(self, text):
        self.layers = {}
        self.third = {}
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            match = re.fullmatch(r"(layer|third) (\S+):(.*)", line)
            if not match:
                raise SystemExit(f"layers.txt:{number}: expected \"layer FOLDER: ...\" or \"third HEADER: ...\"")
            table = self.layers if match[1] == "layer" else self.third
            table[match[2]] = match[3].split()

    def third_party(self, header):
        """The folders that own a header, or None if layers.txt does not know it."""
        for name, owners in self.third.items():
            if header == name or (name.endswith("/") and header.startswith(name)):
                return owners
        return None


def is_system(header):
    first, slash, _ = header.partition("/")
    if slash:
        return first in SYSTEM_DIRECTORIES
    return "." not in header or header.endswith(".h")


def daemon_refusal(rules, folder, header, root):
    if folder not in rules.layers:
        return f"daemon/{folder} has no line in scripts/layers.txt; add one"
    allowed = rules.layers[folder]
    if header.startswith("actord/"):
        return None if "sdk" in allowed else f"{folder} may not include the SDK"
    first, slash, rest = header.partition("/")
    if slash and first in rules.layers:
        if first == folder or first in allowed:
            return None
        if any(rule.startswith(first + "/") and header.startswith(rule) for rule in allowed):
            return None
        return f"{folder} may include: {', '.join([folder] + allowed)}; not {first}"
    owners = rules.third_party(header)
    if owners is not None:
        if "*" in owners or folder in owners:
            return None
        return f"<{header}> belongs to {', '.join(owners)}; reach it through a port in core"
    if is_system(header):
        return None
    return f"<{header}> is not listed in scripts/layers.txt; include own files as \"folder/name.hpp\""


def outside_refusal(where, header, quoted, file):
    if header.startswith("actord/") or header.startswith("nlohmann/") or header == "actord.h":
        return None
    if quoted:
        if where == "plugins" and (file.parent / header).is_file():
            return None
        if where == "sdk" and "examples" in file.parts and (file.parent / header).is_file():
            return None
    elif is_system(header):
        return None
    if where == "sdk":
        return "the SDK includes the standard library, <actord/...> and nlohmann, nothing else in the tree"
    return "a plugin includes the standard library, <actord/...>, nlohmann and its own files"


def check(root, rules):
    """Yields (file, line, text of the include, why it is refused)."""
    for top in ("daemon", "sdk", "plugins"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            parts = file.relative_to(root).parts
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                quoted, header = match[1] == '"', match[2]
                if top == "daemon":
                    why = daemon_refusal(rules, parts[1], header, root)
                else:
                    why = outside_refusal(top, header, quoted, file)
                    owners = rules.third_party(header)
                    if why is None and top == "sdk" and owners is not None and not {"*", "sdk"} & set(owners):
                        why = f"<{header}> belongs to daemon/{', '.join(owners)}"
                if why:
                    yield file.relative_to(root), number, line.strip(), why


def self_test(rules):
    planted = {
        "daemon/runtime/a.cpp": '#include "storage/journal.hpp"',
        "daemon/core/b.cpp": "#include <sqlite3.h>",
        "daemon/base/c.hpp": '#include "core/envelope.hpp"',
        "daemon/cli/d.cpp": '#include "control/server.hpp"',
        "daemon/topology/e.cpp": "#include <boost/any.hpp>",
        "daemon/attic/f.cpp": "#include <vector>",
        "plugins/io/g.cpp": '#include "base/bytes.hpp"',
        "sdk/include/actord/h.hpp": '#include "core/envelope.hpp"',
        "sdk/include/actord/i.hpp": "#include <uv.h>",
    }
    fine = {
        "daemon/storage/a.cpp": '#include <sqlite3.h>\n#include "core/envelope.hpp"\n#include <unistd.h>',
        "daemon/cli/b.cpp": '#include "control/protocol.hpp"\n#include <CLI/CLI.hpp>',
        "daemon/core/c.cpp": "#include <nlohmann/json.hpp>\n#include <actord/abi.h>",
        "plugins/io/d.cpp": '#include <actord/abi.h>\n#include "own.hpp"\n#include <sys/stat.h>',
        "plugins/io/own.hpp": "#include <vector>",
    }
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name, text in {**planted, **fine}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n")
        found = {str(file) for file, *_ in check(root, rules)}
    missed, wrong = set(planted) - found, found - set(planted)
    for name in sorted(missed):
        print(f"self-test: not found: {name}: {planted[name]}")
    for name in sorted(wrong):
        print(f"self-test: refused though allowed: {name}: {fine[name]}")
    if not missed and not wrong:
        print(f"self-test: {len(planted)} planted violations found, {len(fine)} clean files passed")
    return 1 if missed or wrong else 0


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=here.parent)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    rules = Rules((here / "layers.txt").read_text())
    if arguments.self_test:
        return self_test(rules)
    count = 0
    for file, number, line, why in check(arguments.root, rules):
        count += 1
        print(f"{file}:{number}: {line}\n    {why}")
    print(f"layers: {count} refused" if count else "layers: every include is allowed")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
