"""actorctl: every verb with --json, its exit codes, and words that name the next command."""
import json
import os
import socket
import time
import unittest

from harness import (DIFFERENT, FAILED, INVALID, NO_SUCH, OK, READY, UNREACHABLE, USAGE, CUT_SHORT, Case, head, until)

TOPOLOGY = head() + """\
plugins: {faulty: {}}
actors:
  echo: {kind: faulty.Echo}
  group:
    children:
      one: {kind: faulty.Echo}
      two: {kind: faulty.Thrower, tags: [worker, eu]}
subscriptions:
  - {topic: "orders.*", to: /echo}
"""


class Control(Case):
    def started(self):
        return self.daemon(TOPOLOGY).start()

    def code(self, daemon, *arguments):
        return daemon.ctl_text(*arguments)[0]

    def test_reads_answer_in_json_and_in_words(self):
        daemon = self.started()
        self.assertEqual(daemon.ctl("status")["actors"]["total"], 4)
        self.assertEqual(list(daemon.actors()), ["/echo", "/group", "/group/one", "/group/two"])
        described = daemon.ctl("describe", "/group/two")
        self.assertEqual((described["kind"], described["state"]), ("faulty.Thrower", "running"))
        self.assertRegex(described["defined_at"], r"topology\.yaml:\d+:\d+")
        self.assertEqual(daemon.ctl("dead", "ls")["letters"], [])
        self.assertIn("/echo", json.dumps(daemon.ctl("subscriptions")))
        self.assertEqual({entry["origin"] for entry in daemon.ctl("subscriptions")["subscriptions"]}, {"topology"})
        self.assertEqual(daemon.ctl("tags")["tags"], [{"tag": tag, "actors": ["/group/two"], "followers": 0}
                                                      for tag in ("eu", "worker")])
        self.assertEqual(daemon.ctl("describe", "/group/two")["tags"], ["eu", "worker"])
        for verb in (["status"], ["tags"], ["ps"], ["ps", "-t"], ["describe", "/echo"], ["dead", "ls"], ["subscriptions"]):
            code, out, err = daemon.ctl_text(*verb)
            self.assertEqual(code, OK, verb)
            self.assertTrue(out.strip() or err.strip(), verb)  # nothing to show is said on stderr
            self.assertNotIn("\x1b", out + err, "colour only on a terminal")

    def test_options_stand_before_or_after_the_verb(self):
        daemon = self.started()
        for arguments in (["--json", "ask", "/echo", '{"type":"version"}'], ["ask", "/echo", '{"type":"version"}', "--json"]):
            code, out, _ = daemon.ctl_text(*arguments)
            self.assertEqual((code, json.loads(out)), (OK, {"version": "1"}))

    def test_ask_send_and_publish(self):
        daemon = self.started()
        answer = daemon.ask("/echo", type="echo", deep={"list": [1, "zwei", None]})
        self.assertEqual(answer["deep"], {"list": [1, "zwei", None]})
        self.assertIn("message_id", daemon.send("/echo", type="tick"))
        self.assertEqual(daemon.ctl("publish", "orders.created", '{"type":"tick"}')["delivered"], 1)
        until(lambda: daemon.ask("/echo", type="count")["count"] == 2, "both ticks are counted", alive=daemon.alive)

    def test_a_subscription_keeps_back_what_its_options_say_and_a_reload_changes_them_in_place(self):
        plain = '{topic: "orders.*", to: /echo}'
        topology = lambda options: TOPOLOGY.replace(plain, plain.replace("}", f", {options}}}"))  # noqa: E731
        daemon = self.daemon(topology("where: '$.n > 1'")).start()
        publish = lambda n: daemon.ctl("publish", "orders.created", json.dumps({"type": "tick", "n": n}))  # noqa: E731
        counted = lambda: daemon.ask("/echo", type="count")["count"]  # noqa: E731
        self.assertEqual([publish(n)["delivered"] for n in (1, 2)], [0, 1])
        until(lambda: counted() == 1, "the second is counted", alive=daemon.alive)
        filtered = daemon.ctl("subscriptions")["subscriptions"][0]["filter"]
        self.assertEqual((filtered["let"], filtered["filtered"], filtered["where"]), (1, 1, "$.n > 1"))
        self.assertIn("where $.n > 1", daemon.ctl_text("subscriptions")[1])
        daemon.write(topology("debounce: {quiet: 1h}"))
        self.assertIn("where $.n > 1 -> (none)", daemon.ctl_text("diff")[1])
        daemon.ctl("reload", "--wait")
        for n in range(3):
            publish(n)
        status = daemon.ctl("status")
        self.assertEqual((status["filters"]["held"], status["filters"]["debounced"], status["messages"]["in_flight"]), (1, 2, 1))
        daemon.write(TOPOLOGY)
        daemon.ctl("reload", "--wait")
        until(lambda: counted() == 2, "what was held is delivered", alive=daemon.alive)
        self.assertIsNone(daemon.ctl("subscriptions")["subscriptions"][0]["filter"])
        status = daemon.ctl("status")
        self.assertEqual(status["messages"]["in_flight"], 0)
        self.assertEqual(status["messages"]["dead"], 0)
        daemon.write(topology("debounce: {quiet: 1h}"))
        daemon.ctl("reload", "--wait")
        publish(1)
        began = time.monotonic()
        daemon.term()
        self.assertLess(time.monotonic() - began, 30, "the end waits for no pause")

    def test_a_message_nobody_handles_is_a_dead_letter_that_can_be_shown(self):
        daemon = self.started()
        self.assertIn(self.code(daemon, "publish", "nobody.listens", '{"type":"tick"}'), (OK, FAILED))
        daemon.send("/echo", type="nonsense", text="see me")
        letter = until(lambda: daemon.dead_letters(reason="unhandled"), "the dead letter", alive=daemon.alive)[0]
        self.assertEqual((letter["to"], letter["type"]), ("/echo", "nonsense"))
        shown = daemon.ctl("dead", "show", str(letter["id"]))
        self.assertIn("see me", json.dumps(shown))
        self.assertEqual(self.code(daemon, "dead", "show", "987654321"), NO_SUCH)

    def test_exit_codes_of_failures(self):
        daemon = self.started()
        code, _, err = daemon.ctl_text("describe", "/nobody")
        self.assertEqual(code, NO_SUCH)
        self.assertIn("actorctl", err, "the next command to type")
        self.assertEqual(self.code(daemon, "ask", "/nobody", '{"type":"x"}'), NO_SUCH)
        self.assertEqual(self.code(daemon, "ask", "/echo", '{"type":"never"}', "--timeout", "300ms"), CUT_SHORT)
        self.assertEqual(self.code(daemon, "ask", "/group/two", '{"type":"boom"}'), FAILED)
        for usage in ([], ["frobnicate"], ["describe"], ["ask", "/echo", "not json"], ["ask", "/echo", '{"no":"type"}'],
                      ["--no-such-option", "status"]):
            self.assertEqual(self.code(daemon, *usage), USAGE, usage)
        daemon.term()
        code, _, err = daemon.ctl_text("status")
        self.assertEqual(code, UNREACHABLE)
        self.assertIn(str(daemon.socket), err)

    def test_a_failure_behind_an_ask_is_blamed_on_its_own_recipient(self):
        daemon = self.daemon(TOPOLOGY.replace("plugins: {faulty: {}}", "plugins: {faulty: {}, pkgwatch: {}}").replace(
            "actors:\n", "actors:\n  stats: {kind: pkgwatch.Stats, settings: {router: /echo/missing}}\n")).start()
        code, _, err = daemon.ctl_text("ask", "/stats", '{"type":"pkgwatch.Summary"}')
        self.assertEqual(code, FAILED, "/stats is there")
        self.assertIn("/stats passed it on; /echo/missing: no_such_actor: ", err)
        self.assertIn(f"see: {daemon.actorctl} dead ls --actor /echo/missing", err)
        code, _, err = daemon.ctl_text("ask", "/echo", '{"type":"nonsense"}')
        self.assertEqual(code, FAILED)
        self.assertRegex(err, rf"^actorctl: /echo: unhandled: .*; see: {daemon.actorctl} dead ls --actor /echo\n$")

    def test_an_ask_to_a_parked_actor_is_answered_at_once(self):
        daemon = self.started()
        daemon.ctl("park", "/echo")
        began = time.monotonic()
        code, _, err = daemon.ctl_text("ask", "/echo", '{"type":"version"}', "--timeout", "60s")
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(code, FAILED)
        self.assertIn(f"/echo is parked: by an operator; run it again: {daemon.actorctl} resume /echo", err)

    def test_suspend_holds_messages_up_and_resume_lets_them_go(self):
        daemon = self.started()
        self.assertEqual(daemon.ctl("suspend", "/echo")["state"], "suspended")
        for _ in range(3):
            daemon.send("/echo", type="tick")
        self.assertEqual(daemon.ctl("describe", "/echo")["mailbox"]["depth"], 3)
        self.assertEqual(daemon.ctl("status")["actors"]["suspended"], 1)
        code, _, err = daemon.ctl_text("ask", "/echo", '{"type":"count"}')
        self.assertEqual(code, FAILED)
        self.assertIn(f"/echo is suspended; run it again: {daemon.actorctl} resume /echo", err)
        self.assertEqual(daemon.ctl("resume", "/echo")["state"], "running")
        self.assertEqual(daemon.ask("/echo", type="count")["count"], 3)
        daemon.ctl("suspend", "/echo")
        daemon.send("/echo", type="tick")
        self.assertEqual(daemon.term(), OK, "a shutdown does not wait for what it keeps")

    def test_park_resume_restart_stop_start(self):
        daemon = self.started()
        state = lambda: daemon.actors()["/group/one"]["state"]  # noqa: E731
        incarnation = daemon.incarnations()["/group/one"]
        daemon.ctl("park", "/group/one")
        until(lambda: state() == "parked", "parked", alive=daemon.alive)
        daemon.ctl("resume", "/group/one")
        until(lambda: state() == "running", "resumed", alive=daemon.alive)
        daemon.ctl("restart", "/group/one")
        until(lambda: state() == "running", "restarted", alive=daemon.alive)
        daemon.ctl("stop", "/group/one")
        until(lambda: daemon.actors().get("/group/one", {}).get("state", "stopped") != "running", "stopped",
              alive=daemon.alive)
        daemon.ctl("start", "/group/one")
        until(lambda: daemon.actors().get("/group/one", {}).get("state") == "running", "started", alive=daemon.alive)
        self.assertGreater(daemon.incarnations()["/group/one"], incarnation)
        self.assertEqual(daemon.ask("/group/one", type="echo", text="back")["text"], "back")
        self.assertEqual(self.code(daemon, "park", "/nobody"), NO_SUCH)

    def test_the_log_says_who_an_operator_changed_and_what_came_of_it(self):
        daemon = self.started()
        daemon.ctl("restart", "/group/one")
        daemon.ctl("publish", "orders.created", '{"type":"tick","secret":"s3cret"}')
        for verb in ("park", "resume", "stop", "start"):
            daemon.ctl(verb, "/group/one")
        asked = [(line["method"], line.get("path"), line.get("topic"))
                 for line in daemon.find_log(lambda line: line.get("event") == "control.command")]
        self.assertEqual(asked, [("restart", "/group/one", None), ("publish", None, "orders.created"),
                                 *((verb, "/group/one", None) for verb in ("park", "resume", "stop", "start"))])
        done = [(line["event"], line["actor"], line["state"])
                for line in daemon.find_log(lambda line: line.get("event", "").endswith("_by_operator"))]
        self.assertEqual(done, [(f"actor.{word}_by_operator", "/group/one", state) for word, state in (
            ("restarted", "running"), ("parked", "parked"), ("resumed", "running"), ("stopped", "stopped"),
            ("started", "running"))])
        self.assertNotIn("s3cret", daemon.log_text())
        daemon.ctl("restart", "/group/two")
        self.assertEqual(daemon.actors()["/group/two"]["restarts"], 1)
        self.assertRegex(daemon.ctl_text("describe", "/group/two")[1], r"started +.* ago\n")

    def test_one_that_is_stopped_is_named_as_such(self):
        daemon = self.started()
        daemon.ctl("stop", "/group/one")
        for command in (["ask", "/group/one", '{"type":"x"}'], ["send", "/group/one", '{"type":"x"}'],
                        ["stop", "/group/one"]):
            code, _, err = daemon.ctl_text(*command)
            self.assertEqual(code, FAILED, command)
            self.assertIn(f"/group/one is stopped; start it: {daemon.actorctl} start /group/one", err)
        self.assertIn("actors 4: 3 running, 1 stopped ", daemon.ctl_text("status")[1])
        lines = [line.split()[0] for line in daemon.ctl_text("ps", "-t", "-q")[1].splitlines()]
        self.assertEqual(lines, ["/echo", "/group", "one", "two"])

    def test_diff_tells_what_a_reload_would_do_and_does_nothing(self):
        daemon = self.started()
        self.assertEqual(self.code(daemon, "diff"), OK)
        daemon.write(TOPOLOGY.replace("  echo: {kind: faulty.Echo}", "  echo: {kind: faulty.Echo, mailbox: {capacity: 9}}"))
        code, out, _ = daemon.ctl_text("diff")
        self.assertEqual(code, DIFFERENT)
        self.assertIn("/echo", out)
        self.assertTrue(daemon.ctl("status")["file_differs"])
        incarnations = daemon.incarnations()
        self.assertEqual(self.code(daemon, "reload", "--dry-run"), OK)
        self.assertTrue(daemon.ctl("status")["file_differs"], "a dry run applies nothing")
        daemon.ctl("reload", "--wait")
        self.assertEqual(daemon.ctl("describe", "/echo")["mailbox"]["capacity"], 9)
        self.assertEqual(daemon.incarnations(), incarnations, "a mailbox changes while the actor runs")

    def test_a_reload_that_restarts_an_actor_keeps_its_mailbox_and_its_address(self):
        daemon = self.started()
        daemon.ctl("park", "/echo")
        for _ in range(3):
            daemon.ctl("send", "/echo", '{"type":"tick"}')
        incarnations = daemon.incarnations()
        daemon.write(TOPOLOGY.replace("  echo: {kind: faulty.Echo}", "  echo: {kind: faulty.Echo, settings: {limit: 7}}"))
        self.assertIn("(actor restart)", daemon.ctl_text("diff")[1])
        daemon.ctl("reload", "--wait")
        self.assertEqual(daemon.ask("/echo", type="count")["count"], 3, "what waited for it is handled")
        self.assertEqual(daemon.incarnations(), incarnations)
        self.assertEqual(daemon.ctl("describe", "/echo")["settings"]["limit"], 7)
        self.assertEqual(daemon.ctl("status")["messages"]["dead"], 0)
        # Another kind is another actor: what was meant for the old one is not given to it.
        daemon.ctl("park", "/echo")
        daemon.ctl("send", "/echo", '{"type":"tick"}')
        daemon.write(TOPOLOGY.replace("  echo: {kind: faulty.Echo}", "  echo: {kind: faulty.Thrower}"))
        daemon.ctl("reload", "--wait")
        self.assertNotEqual(daemon.incarnations()["/echo"], incarnations["/echo"])
        self.assertEqual(daemon.ctl("status")["messages"]["dead"], 1)

    def test_diff_of_what_is_no_regular_file_is_refused_and_the_host_goes_on(self):
        daemon = self.started()
        fifo = self.directory / "fifo.yaml"
        os.mkfifo(fifo)
        for path in ("/dev/zero", fifo):
            code, out, err = daemon.ctl_text("diff", path, seconds=10)
            self.assertEqual(code, INVALID, out + err)
            self.assertIn("E107", out + err)
            self.assertIn("is not a regular file", out + err)
        self.assertIn(daemon.ctl("status")["state"], READY)

    def test_topics_match_needs_no_daemon(self):
        daemon = self.daemon(TOPOLOGY)
        self.assertEqual(self.code(daemon, "topics", "match", "user.*", "user.created.email"), OK)
        self.assertEqual(self.code(daemon, "topics", "match", "user.?", "user.created.email"), FAILED)

    def test_what_the_daemon_creates_is_not_for_everybody(self):
        daemon = self.daemon(TOPOLOGY)
        daemon.socket = daemon.directory / "run" / "actord.sock"
        daemon.env["ACTORD_SOCKET"] = str(daemon.socket)
        daemon.start()
        for folder in (daemon.data, daemon.socket.parent):
            self.assertEqual(folder.stat().st_mode & 0o027, 0, folder)
        for file in daemon.data.glob("actord.*"):
            self.assertEqual(file.stat().st_mode & 0o137, 0, file)

    def test_the_socket_is_for_its_group_and_survives_nonsense(self):
        daemon = self.started()
        self.assertEqual(daemon.socket.stat().st_mode & 0o777, 0o660)
        for nonsense in (b"\x00\xff garbage\n", b"[]\n", b'{"jsonrpc":"2.0"}\n', b"{" * 5000 + b"\n", b"no newline"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(str(daemon.socket))
                client.sendall(nonsense)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(20)
            client.connect(str(daemon.socket))
            client.sendall(b'{"jsonrpc":"2.0","id":7,"method":"statsu"}\n')
            answer = json.loads(client.makefile().readline())
        self.assertEqual(answer["id"], 7)
        self.assertEqual(answer["error"]["code"], -32601)
        self.assertIn("status", answer["error"]["message"])
        self.assertEqual(daemon.ctl("status")["state"], "RUNNING")


if __name__ == "__main__":
    unittest.main()
