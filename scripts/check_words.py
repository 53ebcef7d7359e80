#!/usr/bin/env python3
"""Finds what the house rules forbid in daemon/, sdk/ and plugins/, and says what to write instead; and
types of daemon/ that are defined twice under one name.

A file may lift one rule for itself by a comment line that gives the reason:
    // exception wall: yaml-cpp throws; from here on it is a Diagnostic
    // owns threads: the journal's writer
    // reads the environment: the flags of the tests

Usage: check_words.py [--root DIR] [--longest]     exit 1 if something is found
       check_words.py --self-test                  plants hits in a temporary tree and expects them
--longest also prints the ten longest files and functions, for information.
"""
import argparse
import collections
import fnmatch
import pathlib
import re
import sys
import tempfile

SOURCES = {".h", ".hpp", ".c", ".cpp"}
TOPS = ("daemon", "sdk", "plugins")

# code: matched after comments and literals are blanked; else the raw line.
# allowed: files where it is at home. lifted_by: the comment that lifts it in one file.
Rule = collections.namedtuple("Rule", "name pattern where allowed lifted_by code advice")


def rule(name, pattern, advice, where=TOPS, allowed=(), lifted_by=None, code=True):
    return Rule(name, re.compile(pattern), tuple(where), tuple(allowed), lifted_by, code, advice)


MAINS = ("daemon/app/*", "daemon/cli/*")
RULES = (
    rule("exceptions", r"\btry\s*(\{|$)|\bcatch\s*\(",
         "return Result<T>; exceptions stop at the named walls (\"// exception wall: REASON\")",
         allowed=("daemon/topology/document.cpp", "daemon/app/main.cpp", "daemon/cli/main.cpp",
                  "daemon/cli/actorctl.cpp",
                  "sdk/include/actord/*.hpp"),
         lifted_by="exception wall"),
    rule("threads", r"\bstd::j?thread\b(?!::)|\bstd::async\b|\bpthread_create\b",
         "threads are passed in (law 14): post to a scheduler or the loop (\"// owns threads: REASON\")",
         where=("daemon",), allowed=("daemon/runtime/*scheduler*", "daemon/storage/*"),
         lifted_by="owns threads"),
    rule("clock", r"\b(steady|system|high_resolution)_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|(?<![\w.>])(::|std::)?time\s*\((nullptr|NULL|0|&)",
         "time is passed in (law 14): take a Clock&, or now_ms of the turn",
         allowed=("daemon/base/clock.cpp", *MAINS)),
    rule("randomness", r"(?<![\w.>])(::|std::)?s?rand\s*\(|\brandom_device\b|\bgetrandom\b|\bmt19937",
         "randomness is passed in (law 14): take a Random&, or random() of the turn",
         allowed=("daemon/base/random.*",)),
    rule("sleep", r"\bsleep_(for|until)\b|(?<![\w.>])(::)?(u|nano)?sleep\s*\(",
         "nothing sleeps: arm a timer, or wait on a condition",
         allowed=MAINS),
    rule("environment", r"\b(secure_)?getenv\s*\(",
         "the environment is read by the programs and passed in (\"// reads the environment: REASON\")",
         allowed=MAINS, lifted_by="reads the environment"),
    rule("fence", r"\batomic_thread_fence\b",
         "put the order on the atomic operation itself: TSan cannot see fences"),
    rule("leftover", r"\b(TODO|FIXME|XXX)\b", "finish it, or open an issue and name the limit", code=False),
    rule("lint", r"NOLINT(?!(NEXTLINE|BEGIN|END)?\([\w.,\- ]+\): \S)",
         "name the check and the reason: NOLINT(check-name): why", code=False),
    rule("unit sleep", r"\bsleep_(for|until)\b|(?<![\w.>])(::)?(u|nano)?sleep\s*\(",
         "unit tests do not sleep: step a StepScheduler, advance a ManualClock, or wait on a condition",
         where=("tests/unit",)),
)
BAD_NAME = re.compile(r"(^|_)(utils?|helpers?|managers?|common)(_|\.|$)")

# A scope opens: its head is what stands between the last ';', '{' or '}' and this '{'.
NAMESPACE = re.compile(r"\bnamespace\b\s*([\w:]*)\s*$")
TYPE = re.compile(r"\b(?:class|struct|union|enum(?:\s+class)?)\s+(?:ACTORD_\w+(?:\([^()]*(?:\([^()]*\))?[^()]*\))?\s+)?(\w+)(?:\s+final)?\s*(?::\s[^;{]*)?$")

LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)


def code_only(text):
    """The text with comments and literals blanked, line by line as long as before."""
    return LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def sources(root, top):
    for file in sorted((root / top).rglob("*")):
        if file.suffix in SOURCES and file.is_file():
            yield file


def lifted(text, words):
    return words is not None and re.search(rf"//\s*{words}: \S", text) is not None


def check(root):
    """Yields (file, line, rule name, what was found, advice)."""
    for top in dict.fromkeys(where for each in RULES for where in each.where):
        for file in sources(root, top):
            name = file.relative_to(root).as_posix()
            text = file.read_text(errors="replace")
            code = code_only(text).splitlines()
            raw = text.splitlines()
            if BAD_NAME.search(file.name):
                yield name, 1, "name", file.name, "name the file after its one noun"
            for each in RULES:
                if top not in each.where or any(fnmatch.fnmatch(name, glob) for glob in each.allowed):
                    continue
                if lifted(text, each.lifted_by):
                    continue
                for number, line in enumerate(code if each.code else raw, 1):
                    if each.pattern.search(line):
                        yield name, number, each.name, raw[number - 1].strip(), each.advice
    yield from types_defined_twice(root)


def types(code):
    """Yields (line, name with namespace) of the types that one file defines for all others to see."""
    scopes, head, number = [], "", 1
    for character in code:
        number += character == "\n"
        if character == "{":
            space, kind = NAMESPACE.search(head), TYPE.search(head)
            if kind and not head.lstrip().startswith("template <>") and all(scopes):
                yield number, "::".join([*scopes, kind[1]])
            scopes.append(space[1] if space else "")  # "": unnamed, or no namespace at all
            head = ""
        elif character == "}":
            if scopes:
                scopes.pop()
            head = ""
        elif character == ";":
            head = ""
        elif not (character == "#" and not head.strip()):
            head += character


def types_defined_twice(root):
    """Two types of one name are undefined behaviour: the linker takes one's functions for both."""
    first = {}
    for file in sources(root, "daemon"):
        name = file.relative_to(root).as_posix()
        code = re.sub(r"(?m)^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda match: re.sub(r"[^\n]", " ", match[0]),
                      code_only(file.read_text(errors="replace")))
        for line, kind in types(code):
            other = first.setdefault(kind, (name, line))
            if other[0] != name:
                yield (name, line, "one definition", kind,
                       f"{other[0]}:{other[1]} defines it too; give one another name, or put it in an unnamed namespace")


def functions(code):
    """Estimates (line, length) of function bodies: a '{' that follows ')' and words, outermost first."""
    depth_of, lines = [], code.splitlines()
    head = ""
    for number, line in enumerate(lines, 1):
        for character in line:
            if character == "{":
                is_body = not any(body for _, body in depth_of) and re.search(
                    r"\)\s*(const|noexcept|override|final|&|\s|->\s*[\w:<>,*& ]+|:.*)*$", head, re.DOTALL)
                depth_of.append((number, bool(is_body)))
                head = ""
            elif character == "}":
                if depth_of:
                    began, body = depth_of.pop()
                    if body:
                        yield began, number - began + 1
                head = ""
            elif character == ";":
                head = ""
            else:
                head += character
        head += "\n"


def print_longest(root):
    files, bodies = [], []
    for top in TOPS:
        for file in sources(root, top):
            text = file.read_text(errors="replace")
            name = file.relative_to(root).as_posix()
            files.append((text.count("\n"), name))
            bodies += [(length, f"{name}:{line}") for line, length in functions(code_only(text))]
    for title, rows in (("longest files", files), ("longest functions", bodies)):
        print(f"{title} (information only):")
        for length, name in sorted(rows, reverse=True)[:10]:
            print(f"  {length:5} lines  {name}")


def self_test():
    planted = {
        "daemon/core/a.cpp": "void f() { try { g(); } catch (...) {} }",
        "daemon/core/b.cpp": "std::thread worker;",
        "daemon/core/c.cpp": "auto now = std::chrono::steady_clock::now();",
        "daemon/core/d.cpp": "int x = rand();",
        "daemon/core/e.cpp": 'auto home = std::getenv("HOME");',
        "daemon/core/f.cpp": "std::atomic_thread_fence(std::memory_order_seq_cst);",
        "daemon/core/g.cpp": "// TO" "DO: later",
        "daemon/core/h.cpp": "int y = 0;  // NOL" "INT",
        "daemon/core/path_utils.hpp": "#pragma once",
        "tests/unit/core/i_test.cpp": "std::this_thread::sleep_for(1ms);",
        "daemon/loop/tree.hpp": "namespace actord::host {\nclass Tree final : public Plant {\n};\n}",
    }
    fine = {
        "daemon/core/tree.hpp": "namespace actord::host {\nclass Tree {\n};\nstruct Leaf { int x; };\n}",
        "daemon/loop/leaf.cpp": "namespace actord::host {\nnamespace {\nstruct Leaf {};\n}\nclass Tree;\n}",
        "daemon/loop/inner.cpp": "namespace actord::host {\nstruct Outer { struct Leaf {}; };\n}",
        "daemon/core/k.cpp": "// try { is a word here\nauto s = \"catch (\"; int retry{0}; auto r = R\"(try {)\";",
        "daemon/core/l.cpp": "// exception wall: json parsing throws\nvoid f() { try { g(); } catch (...) {} }",
        "daemon/base/clock.cpp": "auto now = std::chrono::steady_clock::now();",
        "daemon/core/m.cpp": "int z = 1;  // NOLINT(bugprone-x): the C header wants it\nint brand(int); int w = brand(1'000);",
    }
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name, text in {**planted, **fine}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n")
        found = {name for name, *_ in check(root)}
    missed, wrong = set(planted) - found, found - set(planted)
    for name in sorted(missed):
        print(f"self-test: not found: {name}: {planted[name]}")
    for name in sorted(wrong):
        print(f"self-test: found though allowed: {name}: {fine[name]}")
    if not missed and not wrong:
        print(f"self-test: {len(planted)} planted hits found, {len(fine)} clean files passed")
    return 1 if missed or wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--longest", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    count = 0
    for name, number, kind, what, advice in check(arguments.root):
        count += 1
        print(f"{name}:{number}: {kind}: {what}\n    {advice}")
    if arguments.longest:
        print_longest(arguments.root)
    print(f"words: {count} found" if count else "words: nothing forbidden")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
