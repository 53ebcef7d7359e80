"""Plugins: replaced on disk while they work, dropped in while others run, refused without harm."""
import os
import re
import shutil
import stat
import unittest

from harness import DIFFERENT, INVALID, OK, PLUGINS, TEST_PLUGINS, Case, actord, head, run, until


def topology(directory, more_plugins="", more_actors=""):
    return head(directory) + f"""\
plugins: {{faulty: {{}}{more_plugins}}}
actors:
  echo: {{kind: faulty.Echo, mailbox: {{capacity: 100000}}}}
  pump: {{kind: faulty.Pump, settings: {{to: /echo, every_ms: 2, burst: 5}}, after: [/echo]}}
{more_actors}"""


class Plugins(Case):
    def setUp(self):
        super().setUp()
        self.plugins = self.directory / "plugins"
        self.plugins.mkdir()
        self.install("v1/faulty.so")

    def install(self, name):
        path = self.plugins / os.path.basename(name)
        shutil.copy(TEST_PLUGINS / name, path)
        path.chmod(0o644)
        return path

    def count(self, daemon):
        return daemon.ask("/echo", type="count")["count"]

    def test_a_new_build_copied_over_a_loaded_one_while_it_works(self):
        daemon = self.daemon(topology(self.plugins)).start()
        until(lambda: self.count(daemon) > 100, "messages flow", alive=daemon.alive)
        path = self.plugins / "faulty.so"
        inode = path.stat().st_ino
        for name in ("v2/faulty.so", "v1/faulty.so", "v2/faulty.so"):
            # In place, as `cp` does: the same inode, cut to nothing and written anew.
            with open(path, "r+b") as file:
                file.truncate(0)
                before = self.count(daemon)
                until(lambda: self.count(daemon) > before, "messages flow over the empty file", alive=daemon.alive)
                file.write((TEST_PLUGINS / name).read_bytes())
            before = self.count(daemon)
            until(lambda: self.count(daemon) > before + 100, "messages still flow", alive=daemon.alive)
        self.assertEqual(path.stat().st_ino, inode)
        self.assertEqual(daemon.ask("/echo", type="version")["version"], "1", "what runs is what was loaded")
        self.assertEqual(daemon.term(), OK)
        daemon.start()
        self.assertEqual(daemon.ask("/echo", type="version")["version"], "2", "the next start takes the new build")

    def test_a_plugin_dropped_in_runs_and_the_others_never_stopped(self):
        daemon = self.daemon(topology(self.plugins)).start()
        until(lambda: self.count(daemon) > 0, "messages flow", alive=daemon.alive)
        before, counted = daemon.incarnations(), self.count(daemon)
        self.install("extra/extra.so")
        daemon.write(topology(self.plugins, ", extra: {}", "  extra: {kind: extra.Echo}\n"))
        code, out, _ = daemon.ctl_text("reload", "--wait")
        self.assertEqual(code, OK, out)
        self.assertIn("/extra", out)
        self.assertEqual(daemon.ask("/extra", type="echo", text="new")["text"], "new")
        after = daemon.incarnations()
        self.assertEqual({path: after[path] for path in before}, before)
        self.assertGreaterEqual(self.count(daemon), counted, "the state of the others is what it was")

    def test_a_new_build_is_told_and_serves_actors_started_from_now_on(self):
        daemon = self.daemon(topology(self.plugins)).start()
        self.assertEqual(daemon.ctl_text("diff")[0], OK)
        self.install("v2/faulty.so")
        told = "~ plugin faulty 1.0.0 -> 2.0.0 (new build; actors started from now on)"
        old = f"old build of faulty runs in /echo, /pump   -> {daemon.actorctl} restart PATH"
        for command, expected in ((["diff"], DIFFERENT), (["reload", "--dry-run"], OK)):
            code, out, _ = daemon.ctl_text(*command)
            self.assertEqual(code, expected, out)
            self.assertIn(told, out)
            self.assertIn(old, out)
        self.assertEqual(daemon.ctl("status")["generation"], 1, "a dry run loads nothing")
        code, out, _ = daemon.ctl_text("reload", "--wait")
        self.assertEqual(code, OK, out)
        for line in (told, old, "generation 2 is live"):
            self.assertIn(line, out)
        again = daemon.ctl("reload", "--wait")
        self.assertEqual((again["unchanged"], again["old_builds"]), (True, {"faulty": ["/echo", "/pump"]}))
        described = daemon.ctl("describe", "/echo")["plugin"]
        self.assertEqual((described["version"], described["newer"]["version"]), ("1.0.0", "2.0.0"))
        self.assertIn("a newer build is loaded: 2.0.0 sha256 ", daemon.ctl_text("describe", "/echo")[1])
        daemon.ctl("restart", "/echo")
        self.assertEqual(daemon.ask("/echo", type="version")["version"], "2")
        described = daemon.ctl("describe", "/echo")["plugin"]
        self.assertEqual((described["version"], described["newer"]), ("2.0.0", None))
        self.assertEqual(daemon.ctl("reload", "--wait")["old_builds"], {"faulty": ["/pump"]})

    def test_a_reload_of_the_same_file_changes_nothing(self):
        daemon = self.daemon(topology(self.plugins)).start()
        before = daemon.incarnations()
        self.assertTrue(daemon.ctl("reload", "--wait")["unchanged"])
        self.assertEqual(daemon.incarnations(), before)

    def test_an_actor_taken_out_stops_and_the_others_go_on(self):
        daemon = self.daemon(topology(self.plugins, more_actors="  extra: {kind: faulty.Echo}\n")).start()
        before = daemon.incarnations()
        daemon.write(topology(self.plugins))
        daemon.ctl("reload", "--wait")
        del before["/extra"]
        self.assertEqual(daemon.incarnations(), before)

    def refused(self):
        """(file, code, words of the message) of plugins that no host may load."""
        elf = (TEST_PLUGINS / "v1/faulty.so").read_bytes()
        foreign = self.plugins / "foreign.so"
        foreign.write_bytes(elf[:18] + (183).to_bytes(2, "little") + elf[20:])
        short = self.plugins / "short.so"
        short.write_bytes(elf[:100])
        writable = self.install("extra/extra.so")
        writable.chmod(writable.stat().st_mode | stat.S_IWOTH)
        return (
            (TEST_PLUGINS / "refused/major.so", "E203", ("2",)),
            (foreign, "E203", ("aarch64", "x86_64")),
            (TEST_PLUGINS / "refused/no_note.so", "E203", (".note.actord",)),
            (TEST_PLUGINS / "refused/unresolved.so", "E20", ("actord_test_function_nobody_has",)),
            (short, "E203", ()),
            (writable, "E20", ("chmod",)),
        )

    def test_each_refused_plugin_has_its_own_message_and_the_host_is_unharmed(self):
        daemon = self.daemon(topology(self.plugins)).start()
        before, generation = daemon.incarnations(), daemon.ctl("status")["generation"]
        said = {}
        for path, code, words in self.refused():
            with self.subTest(path.name):
                daemon.write(topology(self.plugins, f', refused: {{path: "{path}"}}'))
                exit_code, out, err = daemon.ctl_text("reload", "--wait")
                self.assertEqual(exit_code, INVALID, out + err)
                self.assertIn(f"[{code}", out + err)
                for word in words:
                    self.assertIn(word, out + err)
                found = re.search(r"error\[\w+\]: (.*)", out + err)
                said[path.name] = found[1].replace(path.name, "") if found else ""
                self.assertTrue(daemon.alive())
                self.assertEqual(daemon.ctl("status")["generation"], generation)
        self.assertEqual(len(set(said.values())), len(said), f"each has a message of its own: {said}")
        self.assertEqual(daemon.incarnations(), before)
        counted = self.count(daemon)
        until(lambda: self.count(daemon) > counted, "messages still flow", alive=daemon.alive)

    def test_a_start_with_a_refused_plugin_is_refused(self):
        for path, code, words in self.refused():
            with self.subTest(path.name):
                daemon = self.daemon(topology(self.plugins, f', refused: {{path: "{path}"}}'))
                daemon.spawn()
                self.assertEqual(daemon.wait(), INVALID)
                for word in (f"[{code}", *words):
                    self.assertIn(word, daemon.log_text())

    def test_a_plugin_that_fails_at_boot_parks_its_own_actors_and_a_reload_tries_it_again(self):
        broken = self.directory / "broken"
        broken.touch()
        path = TEST_PLUGINS / "refused/init.so"
        daemon = self.daemon(topology(self.plugins, f', refused: {{path: "{path}"}}',
                                      "  lame: {kind: refused.Nothing}\n"),
                             env={"ACTORD_TEST_BROKEN": str(broken)}).start()
        self.assertEqual(daemon.ctl("status")["state"], "DEGRADED")
        until(lambda: self.count(daemon) > 0, "the others work", alive=daemon.alive)
        lame, before = daemon.ctl("describe", "/lame"), daemon.incarnations()
        self.assertEqual(lame["state"], "parked")
        self.assertIn("init answered", lame["reason"])
        self.assertIn("actorctl reload", lame["reason"])
        code, out, _ = daemon.ctl_text("diff")
        self.assertEqual(code, DIFFERENT)
        self.assertIn("+ plugin refused", out)
        code, out, err = daemon.ctl_text("reload", "--wait")
        self.assertEqual(code, INVALID, "still broken: said, and nothing changes")
        self.assertIn("init answered", out + err)
        self.assertEqual(daemon.incarnations(), before)
        broken.unlink()
        daemon.ctl("reload", "--wait")
        self.assertEqual(daemon.ctl("describe", "/lame")["state"], "running")
        self.assertEqual(daemon.ctl("status")["state"], "RUNNING")
        for name in ("/echo", "/pump"):
            self.assertEqual(daemon.incarnations()[name], before[name], "the others never stopped")
        self.assertEqual(daemon.ctl_text("diff")[0], OK)

    def test_inspect_shows_the_manifest_without_running_anything(self):
        marker = self.directory / "ran"
        env = {**os.environ, "ACTORD_TEST_MARKER": str(marker)}
        code, out, _ = actord("plugin", "inspect", self.plugins / "faulty.so", env=env)
        self.assertEqual(code, OK)
        for word in ("faulty", "1.0.0", "Echo", "Thrower", "Slow", "Pump"):
            self.assertIn(word, out)
        for path, _, words in self.refused():
            if "unresolved" in path.name:
                continue  # only loading tells
            code, out, err = actord("plugin", "inspect", path, env=env)
            self.assertNotEqual(code, OK, path.name)
            for word in words:
                self.assertIn(word, out + err)
        self.assertFalse(marker.exists(), "code of a plugin ran")

    def test_every_plugin_exports_one_symbol(self):
        files = sorted([*PLUGINS.glob("*.so"), *TEST_PLUGINS.glob("v?/*.so")])
        self.assertGreaterEqual(len(files), 4)
        for file in files:
            _, out, _ = run("nm", "-D", "--defined-only", file)
            symbols = [line.split()[-1] for line in out.splitlines()]
            self.assertEqual(symbols, ["actord_plugin_entry_v1"], file)


if __name__ == "__main__":
    unittest.main()
