"""dpkg logs: made from a seed or by replaying a real one, and counted twice, in Python and in awk.

A record is a line "YYYY-MM-DD HH:MM:SS ACTION ...":
    startup WHAT COMMAND
    status STATE PACKAGE:ARCH VERSION
    install|upgrade|remove|purge|configure|trigproc PACKAGE:ARCH OLD NEW
    conffile FILE DECISION
Everything else counts as unparsed. installed_now is the number of PACKAGE:ARCH whose last status
record says "installed".
"""
import json
import random
import re
import subprocess

ACTIONS = ("install", "upgrade", "remove", "purge", "configure", "trigproc")
FIELDS = ("lines", *ACTIONS, "status", "startup", "unparsed", "packages", "installed_now")

_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")

AWK = r"""
function seen(package) { if (!(package in packages)) { packages[package] = 1; packages_count++ } }
{ lines++; known = 0 }
/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] / {
  if ($3 == "startup" && NF == 5) { startup++; known = 1 }
  else if ($3 == "conffile" && NF == 5) { known = 1 }
  else if ($3 == "status" && NF == 6) { status++; seen($5); last[$5] = $4; known = 1 }
  else if (($3 == "install" || $3 == "upgrade" || $3 == "remove" || $3 == "purge" ||
            $3 == "configure" || $3 == "trigproc") && NF == 6) { actions[$3]++; seen($4); known = 1 }
}
{ if (!known) unparsed++ }
END {
  for (package in last) if (last[package] == "installed") installed++
  printf "{\"lines\":%d,\"install\":%d,\"upgrade\":%d,\"remove\":%d,\"purge\":%d,", lines,
    actions["install"], actions["upgrade"], actions["remove"], actions["purge"]
  printf "\"configure\":%d,\"trigproc\":%d,\"status\":%d,\"startup\":%d,", actions["configure"],
    actions["trigproc"], status, startup
  printf "\"unparsed\":%d,\"packages\":%d,\"installed_now\":%d}\n", unparsed, packages_count, installed
}
"""


def count(path):
    """What a Summary has to say about the file, by reading it in Python."""
    counts = dict.fromkeys(FIELDS, 0)
    packages, last = set(), {}
    with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            counts["lines"] += 1
            words = line.split()
            stamped = _STAMP.match(line) and len(words) > 2
            action = words[2] if stamped else ""
            if action == "startup" and len(words) == 5:
                counts["startup"] += 1
            elif action == "conffile" and len(words) == 5:
                pass
            elif action == "status" and len(words) == 6:
                counts["status"] += 1
                packages.add(words[4])
                last[words[4]] = words[3]
            elif action in ACTIONS and len(words) == 6:
                counts[action] += 1
                packages.add(words[3])
            else:
                counts["unparsed"] += 1
    counts["packages"] = len(packages)
    counts["installed_now"] = sum(state == "installed" for state in last.values())
    return counts


def count_awk(path):
    """The same by awk, so that one mistake cannot hide in both."""
    done = subprocess.run(["awk", AWK, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


_NAMES = ("lib", "python3", "perl", "gcc", "systemd", "apt", "openssl", "curl", "git", "vim", "zlib", "ncurses")
_ENDS = ("", "-dev", "-doc", "-common", "-bin", "-data", "0", "1", "6", "-core", "-utils")
_GARBAGE = (
    "dpkg: warning: files list file for package is missing",
    "2025-06-24 half a line",
    "### rotated by hand ###",
    "\tindented nonsense \"quoted\" \\ backslash",
    "2025-06-24 14:36:25 teleport libc6:amd64 2.36 2.37",
    "gr\u00fc\u00dfe \u2014 not from dpkg",
)


class Machine:
    """A pretended machine whose packages come and go; lines() never ends."""

    def __init__(self, seed, garbage=0.002):
        self.random = random.Random(seed)
        self.garbage = garbage
        self.second = 0
        self.installed = {}
        names = [f"{a}{b}" for a in _NAMES for b in _ENDS]
        self.names = [f"{name}-{i}:{self.random.choice(('amd64', 'amd64', 'all'))}"
                      for i in range(8) for name in names]

    def stamp(self):
        self.second += self.random.choice((0, 0, 0, 1, 2))
        s = self.second
        return f"2025-{1 + s // 2419200 % 12:02}-{1 + s // 86400 % 28:02} {s // 3600 % 24:02}:{s // 60 % 60:02}:{s % 60:02}"

    def version(self):
        return f"{self.random.randint(0, 9)}.{self.random.randint(0, 40)}-{self.random.randint(1, 9)}+deb12u1"

    def lines(self):
        while True:
            yield f"{self.stamp()} startup archives unpack"
            for _ in range(self.random.randint(1, 12)):
                yield from self.change(self.random.choice(self.names))
                if self.random.random() < self.garbage * 8:
                    yield self.random.choice(_GARBAGE)
            if self.random.random() < 0.3:
                yield f"{self.stamp()} trigproc libc-bin:amd64 2.36-9 <none>"
                yield f"{self.stamp()} status half-configured libc-bin:amd64 2.36-9"
                yield f"{self.stamp()} status installed libc-bin:amd64 2.36-9"

    def change(self, name):
        old = self.installed.get(name)
        if old and self.random.random() < 0.35:
            yield from self.removal(name, old, purge=self.random.random() < 0.5)
            return
        new = self.version()
        yield f"{self.stamp()} {'upgrade' if old else 'install'} {name} {old or '<none>'} {new}"
        if old:
            yield f"{self.stamp()} status half-configured {name} {old}"
        yield f"{self.stamp()} status half-installed {name} {old or new}"
        yield f"{self.stamp()} status unpacked {name} {new}"
        yield f"{self.stamp()} configure {name} {new} <none>"
        if self.random.random() < 0.05:
            yield f"{self.stamp()} conffile /etc/{name.split(':')[0]}.conf keep"
        yield f"{self.stamp()} status half-configured {name} {new}"
        yield f"{self.stamp()} status installed {name} {new}"
        self.installed[name] = new

    def removal(self, name, old, purge):
        yield f"{self.stamp()} remove {name} {old} <none>"
        yield f"{self.stamp()} status half-configured {name} {old}"
        yield f"{self.stamp()} status config-files {name} {old}"
        if purge:
            yield f"{self.stamp()} purge {name} {old} <none>"
            yield f"{self.stamp()} status not-installed {name} <none>"
        del self.installed[name]


def generate(lines, seed):
    """That many lines, the same for the same seed."""
    source = Machine(seed).lines()
    return [next(source) for _ in range(lines)]


def replay(path, lines):
    """That many lines by replaying a real log, with its packages under another name each round."""
    with open(path, encoding="utf-8", errors="replace") as file:
        real = [line.rstrip("\n") for line in file]
    if not real:
        raise ValueError(f"{path} is empty")
    replayed, number = [], 0
    while len(replayed) < lines:
        replayed += [re.sub(r" ([^ :]+):(amd64|arm64|i386|all) ", rf" \1.r{number}:\2 ", line) if number else line
                     for line in real]
        number += 1
    return replayed[:lines]


def write(path, lines, mode="w"):
    with open(path, mode, encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)
