"""The plugin std in a real daemon: a router by tag, a pool of somebody else's kind, a circuit breaker."""
import json
import unittest

from harness import FAILED, OK, Case, head, until

TOPOLOGY = head() + """\
plugins: {faulty: {}, std: {}}
defaults: {supervision: {backoff: {initial: 10ms, jitter: 0}, limit: {restarts: 1000}}}
actors:
  router: {kind: std.Router, settings: {tag: echo}}
  a: {kind: faulty.Echo, tags: [echo]}
  b: {kind: faulty.Echo, tags: [echo]}
  c: {kind: faulty.Echo, tags: [echo]}
  pool: {kind: std.Pool, settings: {worker: faulty.Echo, size: 3}}
  bad: {kind: faulty.Thrower}
  guarded: {kind: std.Breaker, settings: {target: /bad, failures: 3, cool_down: 400ms}}
"""


class Patterns(Case):
    def counts(self, daemon):
        return [daemon.ask(path, type="count")["count"] for path in ("/a", "/b", "/c") if path in daemon.actors()]

    def test_a_router_shares_out_and_follows_who_comes_and_goes(self):
        daemon = self.daemon(TOPOLOGY).start()
        tags = {entry["tag"]: entry for entry in daemon.ctl("tags")["tags"]}
        self.assertEqual(tags["echo"], {"tag": "echo", "actors": ["/a", "/b", "/c"], "followers": 1})
        for _ in range(9):
            daemon.send("/router", type="tick")
        until(lambda: self.counts(daemon) == [3, 3, 3], "each has a third", alive=daemon.alive)
        daemon.ctl("stop", "/b")
        for _ in range(6):
            daemon.send("/router", type="tick")
        until(lambda: [daemon.ask(path, type="count")["count"] for path in ("/a", "/c")] == [6, 6],
              "the two that are left share the rest", alive=daemon.alive)
        self.assertEqual(daemon.ctl("dead", "ls")["letters"], [])

    def test_a_pool_of_another_plugins_kind(self):
        daemon = self.daemon(TOPOLOGY).start()
        for number in range(20):
            self.assertEqual(daemon.ask("/pool", type="echo", n=number)["n"], number)
        self.assertEqual(daemon.ask("/pool", type="std.pool.Resize", size=5)["size"], 5)
        until(lambda: len([path for path in daemon.actors() if path.startswith("/pool/")]) == 5, "five workers",
              alive=daemon.alive)
        daemon.ctl("stop", "/pool/w1")
        status = lambda: daemon.ask("/pool", type="std.pool.Status")
        until(lambda: status()["size"] == 5 and "/pool/w1-2" in daemon.actors(), "it is replaced", alive=daemon.alive)
        self.assertEqual(status()["done"], 20)
        code, _, err = daemon.ctl_text("ask", "/pool", json.dumps({"type": "unheard-of"}))
        self.assertEqual(code, FAILED)
        self.assertIn("does not know this message", err)

    def test_a_breaker_opens_and_closes(self):
        daemon = self.daemon(TOPOLOGY).start()
        ask = lambda kind: daemon.ctl_text("ask", "/guarded", json.dumps({"type": kind}))
        state = lambda: daemon.ask("/guarded", type="std.breaker.Status")["state"]
        self.assertEqual(ask("count")[0], OK)
        for _ in range(3):
            self.assertEqual(ask("fail")[0], FAILED)
        self.assertEqual(state(), "open")
        code, _, err = ask("count")
        self.assertEqual(code, FAILED)
        self.assertIn("/bad fails too often", err)
        self.assertIn("breaker_open", {letter["reason"] for letter in daemon.ctl("dead", "ls")["letters"]})
        until(lambda: ask("count")[0] == OK, "one request is tried, and it closes", alive=daemon.alive)
        self.assertEqual(state(), "closed")


if __name__ == "__main__":
    unittest.main()
