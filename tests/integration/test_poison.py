"""A line that makes an actor throw: restarts with backoff, a dead letter, neighbours go on, then park."""
import unittest

import dpkg_log
from harness import FAILED, OK, Case, head, until

# pkgwatch reads the same lines as the actor that throws.
TOPOLOGY = head() + """\
plugins: {io: {}, pkgwatch: {}, faulty: {}}
defaults:
  supervision:
    backoff: {initial: 50ms, max: 400ms, factor: 2.0, jitter: 0.1, reset_after: 60s}
    limit: {restarts: 3, within: 5m, then: park}
actors:
  tail: {kind: io.Tail, settings: {path: "%s", topic: test.lines}}
  thrower: {kind: faulty.Thrower}
  neighbour: {kind: faulty.Thrower}
  echo: {kind: faulty.Echo}
subscriptions:
  - {topic: test.lines, to: /thrower}
"""


class Poison(Case):
    def started(self):
        self.log = self.directory / "app.log"
        self.log.touch()
        return self.daemon(TOPOLOGY % self.log).start()

    def feed(self, *lines):
        dpkg_log.write(self.log, lines, mode="a")

    def letters(self, daemon, count):
        return until(lambda: self.at_least(count, daemon.dead_letters(actor="/thrower")),
                     f"{count} dead letters of /thrower", alive=daemon.alive)

    @staticmethod
    def at_least(count, found):
        return found if len(found) >= count else None

    def test_the_line_is_a_dead_letter_in_log_and_store_and_the_actor_comes_back(self):
        daemon = self.started()
        self.feed("good 1", "this is POISON", "good 2")
        letter = self.letters(daemon, 1)[0]
        self.assertEqual(letter["reason"], "handler_failed")
        self.assertEqual(letter["type"], "io.Line")
        self.assertEqual(letter["to"], "/thrower")
        self.assertIn("POISON", letter["error"])
        self.assertIn("POISON", str(letter["payload"]))
        logged = daemon.find_log(lambda line: line.get("reason") == "handler_failed")
        self.assertEqual(len(logged), 1)
        for field in ("to", "type", "correlation"):
            self.assertIn(field, logged[0])

        until(lambda: self.counted(daemon, 1), "the line after it is handled by the new instance", alive=daemon.alive)
        self.assertEqual(daemon.actors()["/thrower"]["restarts"], 1)

    def counted(self, daemon, lines):
        code, answer = daemon.try_ctl("ask", "/thrower", '{"type":"count"}', "--timeout", "2s")
        return code == OK and answer["count"] >= lines

    def test_each_restart_is_logged_with_cause_attempt_and_next_delay(self):
        daemon = self.started()
        self.feed("POISON 1", "POISON 2", "POISON 3")
        self.letters(daemon, 3)

        def restarts():
            return daemon.find_log(lambda line: "/thrower" in line.values() and "restart" in line.get("event", "")
                                   and any("delay" in key or "next" in key for key in line))

        lines = until(lambda: self.at_least(3, restarts()), "three restarts in the log", alive=daemon.alive)
        self.assertTrue(all("POISON" in str(line) for line in lines), f"the cause is missing: {lines}")
        delays = [next(value for key, value in line.items() if "delay" in key or "next" in key) for line in lines]
        self.assertTrue(all(a < b for a, b in zip(delays, delays[1:])), f"the delay grows: {delays}")

    def test_after_the_limit_it_is_parked_and_status_says_so(self):
        daemon = self.started()
        before = daemon.incarnations()
        self.feed(*(f"POISON {i}" for i in range(4)))
        until(lambda: daemon.actors()["/thrower"]["state"] == "parked", "parked after 3 restarts", alive=daemon.alive)
        status = daemon.ctl("status")
        self.assertEqual(status["state"], "DEGRADED")
        self.assertEqual([actor["path"] for actor in status["parked"]], ["/thrower"])
        self.assertIn("POISON", status["parked"][0]["reason"])
        code, out, _ = daemon.ctl_text("status")
        self.assertEqual(code, OK)
        self.assertIn("/thrower", out)
        self.assertIn("describe", out, "the next command to type")

        # Neighbours never noticed.
        after = daemon.incarnations()
        for path in ("/tail", "/neighbour", "/echo"):
            self.assertEqual(after[path], before[path])
        self.assertEqual(daemon.ask("/echo", type="echo", text="hello")["text"], "hello")

        # It waits for an operator, who lets it go on.
        daemon.ctl("resume", "/thrower")
        until(lambda: daemon.actors()["/thrower"]["state"] == "running", "running again", alive=daemon.alive)
        self.feed("good at last")
        until(lambda: self.counted(daemon, 1), "it works again", alive=daemon.alive)

    def test_an_ask_to_a_handler_that_throws_is_answered_at_once(self):
        daemon = self.started()
        code, _, err = daemon.ctl_text("ask", "/neighbour", '{"type":"boom"}', "--timeout", "30s")
        self.assertEqual(code, FAILED)
        self.assertIn("boom", err)

    def test_every_kind_of_failure_leaves_the_daemon_running(self):
        daemon = self.started()
        for kind in ("boom", "poison", "fail", "nonsense"):
            daemon.send("/neighbour", type=kind)
        until(lambda: self.at_least(4, daemon.dead_letters(actor="/neighbour")), "four dead letters", alive=daemon.alive)
        reasons = sorted(letter["reason"] for letter in daemon.dead_letters(actor="/neighbour"))
        self.assertEqual(reasons, ["handler_failed"] * 3 + ["unhandled"])
        self.assertEqual(daemon.ask("/echo", type="echo", text="still here")["text"], "still here")


if __name__ == "__main__":
    unittest.main()
