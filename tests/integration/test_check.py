"""`actord check` never lies and touches nothing; `actord run` and reload refuse with the same text."""
import json
import os
import re
import unittest

from harness import INVALID, NO_FILE, OK, PLUGINS, ROOT, TEST_PLUGINS, USAGE, Case, actord, head, listing

GOOD = head() + """\
plugins: {faulty: {}, io: {}, pkgwatch: {}}
actors:
  echo: {kind: faulty.Echo, settings: {limit: 10}}
  group:
    children:
      one: {kind: faulty.Echo}
      two: {kind: faulty.Echo, after: [/group/one]}
subscriptions:
  - {topic: orders.created, to: /echo}
"""

# Each case: what is replaced in GOOD by what; "@" stands before the place that the message points at
# and is taken out. Then the code, and words that the message has to contain.
CASES = {
    "a_tab_indents": ("  echo: {kind", "@\techo: {kind", "E101", ("tab",)),
    "a_flow_map_is_never_closed": ("{topic: orders.created, to: /echo}", "@{topic: orders.created, to: /echo", "E101",
                                   ("never closed",)),
    "an_unknown_key": ("settings: {limit: 10}}", "@mailbx: {capacity: 8}}", "E102", ("mailbx", "mailbox", "/echo")),
    "an_unknown_key_at_the_top": ("actors:\n", "@actorz: {}\nactors:\n", "E102", ("actorz", "actors")),
    "a_key_given_twice": ("settings: {limit: 10}}", "settings: {limit: 10}, @kind: faulty.Slow}", "E103", ("kind", "twice")),
    "a_wrong_type": ("workers: 2", "workers: @four", "E104", ("workers", "four", "1024")),
    "a_word_where_a_boolean_or_level_is_due": ("level: info", "level: @loud", "E104", ("loud", "info")),
    "a_duration_without_unit": ("drain: 20s", "drain: @20", "E105", ("20s", "unit")),
    "a_deadline_shorter_than_drain": ("deadline: 40s", "deadline: @5s", "E105", ("deadline", "drain")),
    "an_unset_variable": ("name: test", "name: @${ACTORD_TEST_UNSET}", "E106", ("ACTORD_TEST_UNSET", ":-")),
    "a_kind_the_plugin_lacks": ("echo: {kind: faulty.Echo", "echo: {kind: @faulty.Ecko", "E201",
                                ("Ecko", "faulty.Echo")),
    "a_plugin_not_declared": ("echo: {kind: faulty.Echo", "echo: {kind: @falty.Echo", "E201", ("falty", "faulty")),
    "a_plugin_file_not_found": ("faulty: {}", "faulty: {path: @nowhere.so}", "E202", ("nowhere.so", "searched")),
    "another_hash_than_pinned": ("faulty: {}", "faulty: {path: faulty.so, sha256: @" + "0" * 64 + "}", "E204", ("sha256",)),
    "a_subscription_to_nobody": ("to: /echo", "to: @/ecko", "E301", ("/ecko", "/echo")),
    "a_setting_that_names_nobody": ("settings: {limit: 10}}", "settings: {limit: 10}}\n  stats: {kind: pkgwatch.Stats, "
                                    "settings: {router: @/group/onee}}", "E301", ("settings.router", "/group/one")),
    "after_nobody": ("after: [/group/one]", "after: [@/group/once]", "E301", ("/group/once", "/group/one")),
    "after_in_a_circle": ("one: {kind: faulty.Echo}", "one: {kind: faulty.Echo, @after: [/group/two]}", "E302",
                          ("/group/one", "/group/two", "cycle")),
    "persistence_without_effect": ("settings: {limit: 10}}", "@persistence: {id: echo}}", "E303", ("no effect",)),
    "a_setting_out_of_range": ("limit: 10", "limit: @900", "E304", ("limit", "500", "900")),
    "a_setting_nobody_knows": ("limit: 10", "@limits: 10", "E304", ("limits", "limit")),
}


def broken(name):
    """The text of a case, the line and column it has to name, its code and words."""
    old, new, code, words = CASES[name]
    assert GOOD.count(old) == 1, f"{name}: {old!r} is there {GOOD.count(old)} times"
    marked = GOOD.replace(old, new)
    before = marked[:marked.index("@")]
    return marked.replace("@", "", 1), before.count("\n") + 1, len(before) - before.rfind("\n"), code, words


class Check(Case):
    def setUp(self):
        super().setUp()
        self.file = self.directory / "topology.yaml"
        self.marker = self.directory / "plugin-code-ran"
        self.env = {**os.environ, "ACTORD_DATA": str(self.directory / "data"), "ACTORD_PLUGINS": str(PLUGINS),
                    "ACTORD_SOCKET": str(self.directory / "actord.sock"), "ACTORD_TEST_MARKER": str(self.marker)}
        self.env.pop("ACTORD_TEST_UNSET", None)

    def check(self, text, *options):
        """(exit code, what it said), and nothing in the directory has changed."""
        self.file.write_text(text)
        before = listing(self.directory)
        code, out, err = actord("check", self.file, *options, env=self.env, cwd=self.directory)
        self.assertEqual(listing(self.directory), before, "check wrote something")
        return code, out + err

    def assert_says(self, said, line, column, code, words):
        self.assertIn(f"error[{code}]", said)
        self.assertRegex(said, rf"topology\.yaml:{line}:{column}\b")
        for word in words:
            self.assertIn(word, said)
        self.assertRegex(said, r"(?m)^[ |]*\^+", "the caret line")

    def test_a_good_file_passes_and_nothing_is_touched(self):
        code, said = self.check(GOOD)
        self.assertEqual(code, OK, said)

    def test_both_ways_to_name_the_file(self):
        self.file.write_text(GOOD)
        self.assertEqual(actord("check", "-c", self.file, env=self.env)[0], OK)

    def test_each_error_has_its_code_place_and_suggestion(self):
        for name in CASES:
            with self.subTest(name):
                text, line, column, code, words = broken(name)
                exit_code, said = self.check(text)
                self.assertEqual(exit_code, INVALID, said)
                self.assert_says(said, line, column, code, words)

    def test_run_refuses_with_the_same_text_and_writes_nothing(self):
        for name in CASES:
            with self.subTest(name):
                text, line, column, code, words = broken(name)
                _, checked = self.check(text)
                before = listing(self.directory)
                exit_code, out, err = actord("run", "-c", self.file, env=self.env, cwd=self.directory)
                self.assertEqual(exit_code, INVALID, err)
                self.assertEqual(listing(self.directory), before, "run wrote something")
                message = next(each for each in checked.splitlines() if f"error[{code}]" in each)
                self.assertIn(message, out + err)

    def test_all_errors_are_reported_at_once_in_the_order_of_the_file(self):
        text = GOOD.replace("workers: 2", "workers: four").replace("limit: 10", "limit: 900").replace(
            "to: /echo", "to: /ecko")
        code, said = self.check(text)
        self.assertEqual(code, INVALID)
        self.assertEqual(re.findall(r"error\[(E\d+)\]", said), ["E104", "E304", "E301"])
        self.assertIn("3 errors", said)

    def test_a_persistence_id_twice_names_both_places(self):
        stats = "  s%d: {kind: pkgwatch.Worker, persistence: {id: same}}\n"
        code, said = self.check(GOOD.replace("  group:\n", stats % 1 + stats % 2 + "  group:\n"))
        self.assertEqual(code, INVALID, said)
        self.assertIn("error[E303]", said)
        self.assertIn("/s1", said)

    def test_a_name_in_two_files_names_both(self):
        more = self.directory / "more.yaml"
        more.write_text("actors:\n  echo: {kind: faulty.Echo}\n")
        code, said = self.check(GOOD.replace("version: 1\n", "version: 1\ninclude: [more.yaml]\n"))
        self.assertEqual(code, INVALID, said)
        self.assertIn("error[E103]", said)
        self.assertIn("more.yaml", said)
        self.assertIn("topology.yaml", said)

    def test_plugins_that_cannot_be_loaded(self):
        plain = self.directory / "plain.so"
        plain.write_text("not a plugin at all")
        elf = (TEST_PLUGINS / "v1/faulty.so").read_bytes()
        foreign = self.directory / "foreign.so"
        foreign.write_bytes(elf[:18] + (183).to_bytes(2, "little") + elf[20:])  # e_machine: aarch64
        refused = {
            plain: ("not an ELF", ),
            foreign: ("aarch64", "x86_64"),
            TEST_PLUGINS / "refused/no_note.so": (".note.actord", ),
            TEST_PLUGINS / "refused/major.so": ("2", ),
        }
        for path, words in refused.items():
            with self.subTest(path.name):
                code, said = self.check(GOOD.replace("faulty: {}", f'faulty: {{path: "{path}"}}'))
                self.assertEqual(code, INVALID, said)
                self.assertIn("error[E203]", said)
                for word in words:
                    self.assertIn(word, said)

    def test_no_plugin_code_runs(self):
        self.assertEqual(self.check(GOOD)[0], OK)
        self.check(GOOD.replace("faulty: {}", f'faulty: {{path: "{TEST_PLUGINS}/refused/major.so"}}'))
        self.assertFalse(self.marker.exists())

    def test_a_missing_file_is_66_and_wrong_usage_64(self):
        self.assertEqual(actord("check", self.directory / "nothing.yaml", env=self.env)[0], NO_FILE)
        self.assertEqual(actord("run", "-c", self.directory / "nothing.yaml", env=self.env)[0], NO_FILE)
        self.assertEqual(actord("chekc", env=self.env)[0], USAGE)

    def test_json_has_the_same_findings(self):
        text, line, column, code, _ = broken("an_unknown_key")
        self.file.write_text(text)
        exit_code, out, _ = actord("check", self.file, "--json", env=self.env)
        self.assertEqual(exit_code, INVALID)
        finding = json.loads(out)["diagnostics"][0]
        self.assertEqual((finding["code"], finding["line"], finding["column"]), (code, line, column))

    def test_a_wrong_command_line_names_the_program_and_what_was_meant(self):
        for arguments, said, step in ((["chekc"], 'unknown verb "chekc", did you mean "check"?', "actord --help"),
                                      (["check", "--stricct"], 'unknown option "--stricct", did you mean "--strict"?',
                                       "actord check --help"),
                                      (["plugin", "inspect"], "file is required", "actord plugin inspect --help")):
            code, _, err = actord(*arguments)
            self.assertEqual((code, err), (USAGE, f"actord: {said}\n  next: {step}\n"))

    def test_explain_knows_every_code(self):
        for code in sorted({case[2] for case in CASES.values()} | {"E203"}):
            exit_code, out, _ = actord("explain", code)
            self.assertEqual(exit_code, OK, code)
            self.assertIn(code, out)
            self.assertGreater(len(out), 100)
        self.assertNotEqual(actord("explain", "E999")[0], OK)

    def test_explain_knows_every_status_and_lists_all_codes(self):
        table = (ROOT / "sdk/include/actord/status.def").read_text()
        statuses = re.findall(r'^ACTORD_STATUS\((\w+), (-?\d+), "(.*)"\)$', table, re.M)
        self.assertGreater(len(statuses), 20)
        code, listed, _ = actord("explain")
        self.assertEqual(code, OK)
        for name, number, meaning in statuses:
            code, out, _ = actord("explain", name)
            self.assertEqual(code, OK, name)
            self.assertIn(f"{name} ({number}): {meaning}\n", out)
            self.assertRegex(listed, rf"(?m)^  {name} +{re.escape(meaning)}$")
        self.assertIn("exit code 75", actord("explain", "E_TIMEOUT")[1])
        self.assertRegex(listed, r"(?m)^  E102 +unknown key$")

    def test_a_reload_with_a_broken_file_keeps_the_generation_and_says_the_same(self):
        daemon = self.daemon(GOOD, env=self.env).start()
        generation = daemon.ctl("status")["generation"]
        incarnations = daemon.incarnations()
        for name in ("an_unknown_key", "a_setting_out_of_range", "a_tab_indents", "a_plugin_file_not_found"):
            with self.subTest(name):
                text, line, column, code, words = broken(name)
                daemon.write(text)
                _, out, err = actord("check", daemon.file, env=daemon.env, cwd=daemon.cwd)
                message = next(each for each in (out + err).splitlines() if f"error[{code}]" in each)
                exit_code, out, err = daemon.ctl_text("reload", "--wait")
                self.assertEqual(exit_code, INVALID)
                self.assert_says(out + err, line, column, code, words)
                self.assertIn(message, out + err)
                self.assertEqual(daemon.ctl("status")["generation"], generation)
        self.assertEqual(daemon.incarnations(), incarnations)
        self.assertEqual(daemon.ask("/echo", type="echo", text="here")["text"], "here")

        daemon.write(GOOD)
        self.assertEqual(daemon.ctl_text("reload", "--wait")[0], OK, "a good file after a broken one is accepted")


if __name__ == "__main__":
    unittest.main()
