"""A turn that does not end, on every worker at once: everybody else goes on, and the log says who it is."""
import signal
import time
import unittest

from harness import CUT_SHORT, SLOW, Case, head, until

TOPOLOGY = head().replace("{drain: 20s, deadline: 40s}", "{drain: 500ms, deadline: 8s}") + """\
plugins: {faulty: {}, io: {}, pkgwatch: {}}
defaults: {supervision: {turn_budget: 400ms, stop_timeout: 700ms}}
actors:
%s  echo: {kind: faulty.Echo}
  pump: {kind: faulty.Pump, settings: {to: /ticks, every_ms: 20, burst: 1}}
  ticks: {kind: faulty.Echo}
  slow: {children: {other: {kind: faulty.Echo}}}
"""
STUCK = 6


class Stuck(Case):
    def start(self):
        file = self.directory / "handled"
        slow = "".join(f"  s{i}: {{kind: faulty.Slow, settings: {{ms: 60000, file: '{file}'}}}}\n" for i in range(STUCK))
        daemon = self.daemon(TOPOLOGY % slow).start()
        for i in range(STUCK):
            daemon.send(f"/s{i}", type="work", n=i)
        return daemon

    def test_others_go_on_and_the_log_names_it(self):
        daemon = self.start()
        until(lambda: len(daemon.ctl("status")["stuck"]) == STUCK, "all of them are reported", alive=daemon.alive)
        status = daemon.ctl("status")
        self.assertEqual(status["state"], "DEGRADED")
        self.assertEqual({turn["path"] for turn in status["stuck"]}, {f"/s{i}" for i in range(STUCK)})
        self.assertTrue(all(turn["message_type"] == "work" and turn["message_id"] for turn in status["stuck"]))

        reports = daemon.find_log(lambda line: line.get("event") == "actor.stuck")
        self.assertEqual({line["actor"] for line in reports}, {f"/s{i}" for i in range(STUCK)})
        self.assertTrue(any("faulty" in line["stack"] for line in reports), reports[0]["stack"])

        before = daemon.ask("/ticks", type="count")["count"]
        for number in range(20):
            began = time.monotonic()
            self.assertEqual(daemon.ask("/echo", type="echo", n=number)["n"], number)
            self.assertLess(time.monotonic() - began, 2 * SLOW)
        until(lambda: daemon.ask("/ticks", type="count")["count"] > before + 5, "timers go on", alive=daemon.alive)

        # An operator gets rid of one: it starts anew beside the stuck turn.
        daemon.ctl("restart", "/s0")
        until(lambda: daemon.ctl("status")["actors"]["abandoned"] == 1, "it is abandoned", alive=daemon.alive)
        until(lambda: daemon.ctl("describe", "/s0")["state"] == "running", "its heir runs", alive=daemon.alive)

        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20 * SLOW), CUT_SHORT, "it did not wait a minute, and says that it did not")
        self.assertTrue(daemon.find_log(lambda line: line.get("event") == "actor.abandoned"))


if __name__ == "__main__":
    unittest.main()
