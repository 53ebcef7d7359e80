"""Freezes the ABI: sizes, offsets, member declarations and numbers of every public C header.

Reads the structs and constants out of the headers, lets a compiler print where everything lies, and
compares with the committed table. A member that moves, changes its type or loses its number fails
here. Additions are legitimate: look at the difference, then rerun with --update.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"^#define\s+(ACTORD_\w+)\s+(-?\d+)u?\s*$", re.M)
TEXT = re.compile(r'^#define\s+(ACTORD_\w+)\s+("[^"]*")\s*$', re.M)
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\} \1;", re.S)
STATUS = re.compile(r"^ACTORD_STATUS\((\w+), (-?\d+),", re.M)
FUNCTION_TYPE = re.compile(r"^typedef ([^;{]*\(\*\w+\)\([^;]*\));", re.M)


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def members(body):
    """(name, declaration) of each member, in order."""
    found = []
    for declaration in body.split(";"):
        declaration = " ".join(declaration.split())
        if not declaration:
            continue
        function = re.search(r"\(\*(\w+)\)", declaration)
        name = function.group(1) if function else re.search(r"(\w+)(\[[^\]]*\])?$", declaration).group(1)
        found.append((name, declaration))
    return found


def read_headers(include):
    root = pathlib.Path(include) / "actord"
    headers = [root / "abi.h"] + sorted((root / "ext").glob("*.h"))
    structs, numbers, functions = [], [], []
    for header in headers:
        text = without_comments(header.read_text())
        structs += [(name, members(body)) for name, body in STRUCT.findall(text)]
        numbers += NUMBER.findall(text) + TEXT.findall(text)
        functions += [" ".join(f.split()) for f in FUNCTION_TYPE.findall(text)]
    numbers += [("ACTORD_" + name, number) for name, number in STATUS.findall((root / "status.def").read_text())]
    if len(structs) < 10 or len(numbers) < 60:
        sys.exit(f"only {len(structs)} structs and {len(numbers)} constants found: has the headers' style changed?")
    return [f"actord/{h.relative_to(root)}" for h in headers], structs, numbers, functions


def program(headers, structs, numbers):
    lines = [f'#include "{header}"' for header in headers]
    lines += ["#include <stdio.h>", "int main(void) {"]
    for name, fields in structs:
        lines.append(f"  {{ struct align_probe {{ char c; {name} s; }};")
        lines.append(f'  printf("struct {name} size %zu align %zu\\n", sizeof({name}), offsetof(struct align_probe, s)); }}')
        for field, declaration in fields:
            lines.append(f'  printf("  %3zu %2zu  %s\\n", offsetof({name}, {field}), '
                         f'sizeof((({name}*)0)->{field}), "{declaration}");')
    for name, value in numbers:
        if value.startswith('"'):
            lines.append(f'  printf("%s \\"%s\\"\\n", "{name}", {name});')
        else:
            lines.append(f'  printf("%s %ld\\n", "{name}", (long){name});')
    lines += ["  return 0;", "}"]
    return "\n".join(lines) + "\n"


def table(args):
    headers, structs, numbers, functions = read_headers(args.include)
    c_plus_plus = args.language.startswith("c++")
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / ("layout.cpp" if c_plus_plus else "layout.c")
        binary = pathlib.Path(directory) / "layout"
        source.write_text(program(headers, structs, numbers))
        command = [args.compiler, "-x", "c++" if c_plus_plus else "c", f"-std={args.language}", "-Wall", "-Wextra",
                   "-Wpedantic", "-Werror", "-I", args.include, str(source), "-o", str(binary)]
        compiled = subprocess.run(command, capture_output=True, text=True)
        if compiled.returncode != 0:
            sys.exit(compiled.stderr)
        printed = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout
    return printed + "".join(f"type {function}\n" for function in functions)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--language", required=True, choices=["c11", "c++20"])
    parser.add_argument("--include", required=True)
    parser.add_argument("--golden", required=True)
    parser.add_argument("--update", action="store_true", help="accept the layout as it is now")
    args = parser.parse_args()
    now = table(args)
    golden = pathlib.Path(args.golden)
    if args.update:
        golden.write_text(now)
        return
    if now != golden.read_text():
        difference = difflib.unified_diff(golden.read_text().splitlines(), now.splitlines(), "frozen", "now", lineterm="")
        sys.exit("\n".join(difference) + "\n\nThe ABI differs from the frozen one. What is there already must not move; "
                 "for an addition, run this script with --update and commit the table with the change.")


if __name__ == "__main__":
    main()
