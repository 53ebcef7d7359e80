"""scripts/run: what it makes of its arguments, with stand-ins for what it installs, builds and starts."""
import os
import shutil
import subprocess
import unittest

from harness import OK, ROOT, Case


class Scripts(Case):
    def setUp(self):
        super().setUp()
        self.tree = self.directory / "tree"
        for name in ("scripts", "build/release/bin", "stand-ins"):
            (self.tree / name).mkdir(parents=True)
        shutil.copy(ROOT / "scripts/run", self.tree / "scripts/run")
        (self.tree / "build/release/build.ninja").touch()
        self.program("scripts/setup", "exit 0")
        self.program("stand-ins/cmake", "exit 0")
        self.program("build/release/bin/actorctl", "exit 1")
        self.program("build/release/bin/actord", f'printf "%s\\n" "$@" > {self.tree}/arguments')

    def program(self, name, line):
        path = self.tree / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def started_with(self, *arguments):
        env = {**os.environ, "PATH": f"{self.tree / 'stand-ins'}:{os.environ['PATH']}"}
        for name in ("ACTORD_DATA", "ACTORD_SOCKET", "ACTORD_PLUGINS"):
            env.pop(name, None)
        # No pipes: what waits for the daemon in the background would hold them until this one is reaped.
        done = subprocess.run(["bash", self.tree / "scripts/run", *arguments], env=env, cwd=self.directory,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, OK)
        return (self.tree / "arguments").read_text().split()

    def test_the_demonstration_is_run_unless_another_file_is_named(self):
        self.assertEqual(self.started_with(), ["run", "-c", "config/demo.yaml"])
        for named in (["-c", "mine.yaml"], ["-cmine.yaml"], ["--config", "mine.yaml"], ["--config=mine.yaml"]):
            self.assertEqual(self.started_with(*named), ["run", *named])


if __name__ == "__main__":
    unittest.main()
