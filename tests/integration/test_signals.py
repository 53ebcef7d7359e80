"""SIGTERM drains and ends with 0; a second one cuts short with 75; SIGHUP reloads."""
import json
import signal
import unittest

import dpkg_log
from harness import CUT_SHORT, OK, ROOT, SLOW, Case, head, until

# What a message takes: long enough that a queue builds up behind one actorctl after the other.
MS = int(100 * SLOW)

SLOW_TOPOLOGY = head() + """\
plugins: {faulty: {}}
actors:
  slow: {kind: faulty.Slow, settings: {ms: %d, file: "%s"}}
  echo: {kind: faulty.Echo}
"""


class Signals(Case):
    def handled(self):
        return [int(line) for line in self.file.read_text().split()] if self.file.exists() else []

    def loaded(self, count):
        """A daemon with that many messages for an actor that takes MS for each."""
        self.file = self.directory / "handled"
        daemon = self.daemon(SLOW_TOPOLOGY % (MS, self.file)).start()
        for number in range(count):
            daemon.send("/slow", type="work", n=number)
        until(self.handled, "the first message is handled", alive=daemon.alive)
        return daemon

    def test_sigterm_handles_what_is_queued_and_exits_0(self):
        daemon = self.loaded(30)
        self.assertEqual(daemon.term(), OK)
        self.assertEqual(self.handled(), list(range(30)))
        daemon.start()
        self.assertEqual(daemon.dead_letters(), [])

    def test_a_second_sigterm_exits_75_and_what_was_in_flight_is_dead_letters(self):
        daemon = self.loaded(100)
        daemon.signal(signal.SIGTERM)
        until(lambda: daemon.find_log(lambda line: "drain" in line.get("event", "") + line.get("message", "").lower()),
              "the log says that it drains", alive=daemon.alive)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20), CUT_SHORT)
        handled = self.handled()
        daemon.start()
        letters = daemon.dead_letters(reason="shutdown")
        lost = sorted(json.loads(letter["payload"])["n"] if isinstance(letter["payload"], str) else letter["payload"]["n"]
                      for letter in letters)
        # Each message ended exactly once; the one in the middle of its turn may show both ways.
        self.assertEqual(sorted(set(handled) | set(lost)), list(range(100)))
        self.assertLessEqual(len(handled) + len(lost), 101)
        self.assertGreater(len(lost), 0)

    def test_what_parked_actors_keep_is_not_waited_for(self):
        daemon = self.loaded(1)
        daemon.ctl("park", "/echo")
        for number in range(3):
            daemon.send("/echo", type="work", n=number)
        self.assertEqual(daemon.term(15), OK)
        daemon.start()
        self.assertEqual(len(daemon.dead_letters(reason="shutdown")), 3)

    def test_sigusr1_dumps_the_state_and_sigusr2_is_debug_for_a_while(self):
        daemon = self.loaded(1)
        daemon.signal(signal.SIGUSR1)
        dump = daemon.data / "state.json"
        until(dump.exists, "the dump is there", alive=daemon.alive)
        state = json.loads(dump.read_text())
        self.assertEqual(state["status"]["pid"], daemon.process.pid)
        self.assertIn("/slow", json.dumps(state["ps"]))
        daemon.signal(signal.SIGUSR2)
        until(lambda: "at debug for 10 minutes" in daemon.log_text(), "the log says so", alive=daemon.alive)
        self.assertIn(str(dump), daemon.log_text())
        self.assertEqual(daemon.term(), OK)

    def test_sigterm_under_ingest_keeps_exact_numbers(self):
        log = self.directory / "dpkg.log"
        lines = dpkg_log.generate(20000, seed=11)
        dpkg_log.write(log, lines)
        daemon = self.daemon(ROOT / "config/demo.yaml", env={"ACTORD_DEMO_LOG": str(log)}, cwd=ROOT).start()
        daemon.wait_lines(1)
        self.assertEqual(daemon.term(), OK)
        status = daemon.start().wait_ready()
        self.assertEqual(status["hydration"]["events"], 0, "all of it was in the snapshots of the end")
        self.assert_counts(daemon.wait_lines(20000), log)
        self.assertEqual(len(daemon.dead_letters(reason="shutdown")), 0)

    def test_sigint_ends_like_sigterm(self):
        daemon = self.loaded(5)
        daemon.signal(signal.SIGINT)
        self.assertEqual(daemon.wait(), OK)
        self.assertEqual(self.handled(), list(range(5)))

    def test_sighup_reloads(self):
        self.file = self.directory / "handled"
        topology = SLOW_TOPOLOGY % (MS, self.file)
        daemon = self.daemon(topology).start()
        generation = daemon.ctl("status")["generation"]
        daemon.write(topology + "  another: {kind: faulty.Echo}\n")
        daemon.signal(signal.SIGHUP)
        until(lambda: daemon.ctl("status")["generation"] > generation, "a new generation", alive=daemon.alive)
        self.assertEqual(daemon.ask("/another", type="echo", text="new")["text"], "new")

    def test_sighup_with_a_broken_file_keeps_the_generation_and_says_why(self):
        self.file = self.directory / "handled"
        topology = SLOW_TOPOLOGY % (MS, self.file)
        daemon = self.daemon(topology).start()
        generation = daemon.ctl("status")["generation"]
        daemon.write(topology.replace("kind: faulty.Echo", "kinds: faulty.Echo"))
        daemon.signal(signal.SIGHUP)
        until(lambda: "E102" in daemon.log_text(), "the log has the error", alive=daemon.alive)
        status = daemon.ctl("status")
        self.assertEqual(status["generation"], generation)
        self.assertFalse(status["last_reload"]["ok"])
        self.assertEqual(daemon.ask("/echo", type="echo", text="here")["text"], "here")


if __name__ == "__main__":
    unittest.main()
