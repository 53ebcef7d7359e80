#!/usr/bin/env python3
"""Every test that docs/SEMANTICS.md names exists: `Suite.Name` in tests/unit, `file: name` in tests/scenarios.

    check_semantics.py             the document against the tests
    check_semantics.py --self-test the checker against itself
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNIT = re.compile(r"TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)")
SCENARIO = re.compile(r"^- name: (.+)$", re.M)
NAMED = re.compile(r"`([A-Za-z]\w*)\.([A-Z]\w*)`|`(\w+): ([^`]+)`")


def known_tests(root):
    units, scenarios = set(), set()
    for path in (root / "tests").rglob("*.cpp"):
        units.update(UNIT.findall(path.read_text(encoding="utf-8")))
    for path in (root / "tests/scenarios").glob("*.yaml"):
        scenarios.update((path.stem, name) for name in SCENARIO.findall(path.read_text(encoding="utf-8")))
    return units, scenarios


def missing(document, units, scenarios):
    """(line number, name) of each test that is named and not there."""
    found = []
    for number, line in enumerate(document.splitlines(), 1):
        if not line.startswith("|"):
            continue
        for suite, test, file, name in NAMED.findall(line.rsplit("|", 2)[-2]):
            if suite and (suite, test) not in units:
                found.append((number, f"{suite}.{test}"))
            if file and (file, name) not in scenarios:
                found.append((number, f"{file}: {name}"))
    return found


def self_test():
    units, scenarios = {("A", "B")}, {("groups", "a b")}
    assert missing("| x | `A.B`, `groups: a b` |", units, scenarios) == []
    assert missing("| x | `A.C` |", units, scenarios) == [(1, "A.C")]
    assert missing("| x | `groups: a c` |", units, scenarios) == [(1, "groups: a c")]
    assert missing("`A.C` in prose", units, scenarios) == []
    print("semantics: self-test passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    found = missing((ROOT / "docs/SEMANTICS.md").read_text(encoding="utf-8"), *known_tests(ROOT))
    for number, name in found:
        print(f"docs/SEMANTICS.md:{number}: there is no test {name}")
    print(f"semantics: {len(found)} missing" if found else "semantics: every test that is named exists")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
