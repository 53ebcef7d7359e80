"""Drives the built binaries from outside: daemons with their own data directory and socket.

Where things are comes from the environment, which CMake sets:
    ACTORD_BIN            folder of actord and actorctl
    ACTORD_PLUGINS        folder of the plugins in the tree
    ACTORD_TEST_PLUGINS   folder of the plugins that misbehave (tests/integration/plugins)
    ACTORD_TEST_SLOW      factor on every deadline (sanitizer builds)

Nothing here waits for a fixed time: until() polls for a fact and fails loudly at its deadline.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("ACTORD_BIN", ROOT / "build/release/bin"))
PLUGINS = pathlib.Path(os.environ.get("ACTORD_PLUGINS", BIN.parent / "plugins"))
TEST_PLUGINS = pathlib.Path(os.environ.get("ACTORD_TEST_PLUGINS", BIN.parent / "test-plugins"))
SLOW = float(os.environ.get("ACTORD_TEST_SLOW", "1"))

# Exit codes that operators and systemd rely on.
OK, FAILED, DIFFERENT, NO_SUCH, USAGE, NO_FILE, UNREACHABLE, CANNOT_CREATE = 0, 1, 2, 3, 64, 66, 69, 73
STORE, CUT_SHORT, PERMISSION, INVALID = 74, 75, 77, 78

READY = ("RUNNING", "DEGRADED")


class Failure(AssertionError):
    pass


def until(fact, what, seconds=30.0, alive=lambda: True):
    """Polls until fact() is true and returns it."""
    deadline = time.monotonic() + seconds * SLOW
    pause = threading.Event()
    while True:
        value = fact()
        if value:
            return value
        if not alive():
            raise Failure(f"the daemon ended while waiting for: {what}")
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds * SLOW:.0f} s: {what}")
        pause.wait(0.02)


def run(*command, env=None, cwd=None, seconds=60.0, input=None):
    """Runs a program to its end: (exit code, stdout, stderr)."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace",
                          env=env, cwd=cwd, timeout=seconds * SLOW, input=input)
    return done.returncode, done.stdout, done.stderr


def actord(*arguments, env=None, cwd=None):
    return run(BIN / "actord", *arguments, env=env, cwd=cwd)


def listing(directory):
    """Everything below a directory with size and time of change, to compare before and after."""
    found = {}
    for path in sorted(pathlib.Path(directory).rglob("*")):
        about = path.lstat()
        found[str(path)] = (about.st_mode, about.st_size, about.st_mtime_ns, about.st_ino)
    return found


class Daemon:
    """One `actord run` after the other on the same topology file, data directory and socket."""

    def __init__(self, directory, topology, env=None, cwd=None):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.socket = self.directory / "actord.sock"
        self.actorctl = f"actorctl --socket {self.socket}"  # in commands to type next, as it was called with it
        self.log_file = self.directory / "actord.log"
        self.cwd = cwd or self.directory
        if isinstance(topology, pathlib.Path):
            self.file = topology
        else:
            self.file = self.directory / "topology.yaml"
            self.write(topology)
        self.env = {**os.environ, "ACTORD_DATA": str(self.data), "ACTORD_SOCKET": str(self.socket),
                    "ACTORD_PLUGINS": str(PLUGINS), "ACTORD_TEST_PLUGINS": str(TEST_PLUGINS), **(env or {})}
        self.process = None
        self.log_start = 0

    def write(self, topology):
        self.file.write_text(topology)

    # --- life ---
    def spawn(self):
        """Starts it and does not wait."""
        assert self.process is None or self.process.poll() is not None, "already running"
        with open(self.log_file, "ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen([str(BIN / "actord"), "run", "-c", str(self.file)], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, env=self.env, cwd=self.cwd)
        return self

    def start(self, seconds=60.0):
        self.spawn()
        self.wait_ready(seconds)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def ready(self):
        code, status = self.try_ctl("status")
        if code == OK and status and status.get("state") in READY and status.get("pid") == self.process.pid:
            return status
        return None

    def wait_ready(self, seconds=60.0):
        try:
            return until(self.ready, "actorctl status says it runs", seconds, self.alive)
        except Failure as failure:
            raise Failure(f"{failure}\n{self.log_text()[-4000:]}") from None

    def signal(self, number):
        self.process.send_signal(number)

    def kill9(self):
        self.signal(signal.SIGKILL)
        return self.process.wait()

    def term(self, seconds=60.0):
        """SIGTERM and its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=60.0):
        try:
            return self.process.wait(timeout=seconds * SLOW)
        except subprocess.TimeoutExpired:
            raise Failure(f"still running after {seconds * SLOW:.0f} s\n{self.log_text()[-4000:]}") from None

    def close(self):
        if self.alive():
            self.kill9()

    # --- questions ---
    def ctl_text(self, *arguments, seconds=60.0):
        """(exit code, stdout, stderr) of actorctl, as people see it."""
        return run(BIN / "actorctl", "--socket", self.socket, *arguments, env=self.env, cwd=self.cwd, seconds=seconds)

    def try_ctl(self, *arguments, seconds=60.0):
        """(exit code, JSON from stdout or None)."""
        code, out, _ = self.ctl_text(*arguments, "--json", seconds=seconds)
        try:
            return code, json.loads(out) if out.strip() else None
        except json.JSONDecodeError:
            raise Failure(f"actorctl {' '.join(arguments)} --json printed no JSON: {out[:400]!r}") from None

    def ctl(self, *arguments, seconds=60.0):
        """The JSON answer of a command that has to succeed."""
        code, out, err = self.ctl_text(*arguments, "--json", seconds=seconds)
        if code != OK:
            raise Failure(f"actorctl {' '.join(arguments)}: exit {code}\n{err or out}\n{self.log_text()[-3000:]}")
        return json.loads(out) if out.strip() else None

    def ask(self, path, **message):
        return self.ctl("ask", path, json.dumps(message))

    def send(self, path, **message):
        return self.ctl("send", path, json.dumps(message))

    def actors(self):
        """By path, what `ps` says."""
        return {actor["path"]: actor for actor in self.ctl("ps")["actors"]}

    def incarnations(self):
        return {path: actor["incarnation"] for path, actor in self.actors().items()}

    def summary(self):
        """What /stats knows, or None while it cannot answer yet."""
        code, answer = self.try_ctl("ask", "/stats", '{"type":"pkgwatch.Summary"}')
        return answer if code == OK else None

    def wait_lines(self, lines, seconds=120.0):
        """The summary, once it has counted that many lines."""
        last = {}

        def counted():
            answer = self.summary()
            last.update(answer or {})
            return answer if answer and answer["lines"] >= lines else None

        try:
            return until(counted, f"/stats has counted {lines} lines", seconds, self.alive)
        except Failure as failure:
            raise Failure(f"{failure}; last answer {last}\n{self.log_text()[-3000:]}") from None

    def dead_letters(self, **filters):
        options = [word for key, value in filters.items() for word in (f"--{key}", str(value))]
        return self.ctl("dead", "ls", "--limit", "10000", *options)["letters"]

    # --- its log ---
    def log_text(self, whole=False):
        with open(self.log_file, "rb") as log:
            log.seek(0 if whole else self.log_start)
            return log.read().decode(errors="replace")

    def log(self, whole=False):
        """The JSON lines of this start, or of all starts."""
        lines = []
        for line in self.log_text(whole).splitlines():
            if line.startswith("{"):
                try:
                    lines.append(json.loads(line))
                except json.JSONDecodeError:
                    continue  # the last line of a killed process
        return lines

    def find_log(self, predicate, whole=False):
        return [line for line in self.log(whole) if predicate(line)]


class Case(unittest.TestCase):
    """A test with a temporary directory and daemons that end with it."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        for program in ("actord", "actorctl"):
            if not (BIN / program).exists():
                raise RuntimeError(f"{BIN / program} is not there; build it, or set ACTORD_BIN")

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="actord-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def daemon(self, topology, env=None, name=None, cwd=None):
        directory = self.directory / name if name else self.directory
        directory.mkdir(exist_ok=True)
        daemon = Daemon(directory, topology, env, cwd)
        self.addCleanup(daemon.close)
        return daemon

    def assert_counts(self, summary, path):
        """Field by field, against Python's and awk's count of the same file."""
        import dpkg_log
        python, awk = dpkg_log.count(path), dpkg_log.count_awk(path)
        self.assertEqual(python, awk, "the two counts of the test disagree")
        self.assertEqual({field: summary.get(field) for field in dpkg_log.FIELDS}, awk)


# The head of every topology here; what follows is "plugins:" and "actors:".
HEAD = """\
version: 1
host:
  name: test
  workers: 2
  data_dir: ${ACTORD_DATA}
  plugin_dirs: [%s]
  shutdown: {drain: 20s, deadline: 40s}
logging: {level: info, format: json}
admin: {socket: "${ACTORD_SOCKET}"}
"""


def head(*plugin_dirs):
    return HEAD % ", ".join(f'"{path}"' for path in (plugin_dirs or (TEST_PLUGINS / "v1", PLUGINS)))


if __name__ == "__main__":
    print(__doc__)
