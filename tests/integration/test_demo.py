"""The demonstration as shipped: config/demo.yaml counts a package log exactly as awk does."""
import os
import pathlib
import unittest

import dpkg_log
from harness import OK, ROOT, Case

MACHINE_LOG = pathlib.Path("/var/log/dpkg.log")


class Demo(Case):
    def demo(self, log):
        return self.daemon(ROOT / "config/demo.yaml", env={"ACTORD_DEMO_LOG": str(log)}, cwd=ROOT)

    def test_summary_equals_awk(self):
        log = self.directory / "dpkg.log"
        dpkg_log.write(log, dpkg_log.generate(5000, seed=1))
        daemon = self.demo(log).start()
        self.assert_counts(daemon.wait_lines(5000), log)
        self.assertEqual(daemon.term(), OK)

    @unittest.skipUnless(os.access(MACHINE_LOG, os.R_OK) and MACHINE_LOG.stat().st_size, "no package log here")
    def test_summary_equals_awk_on_this_machines_own_log(self):
        log = self.directory / "dpkg.log"
        log.write_bytes(MACHINE_LOG.read_bytes())  # a copy: the machine may be installing something
        daemon = self.demo(log).start()
        self.assert_counts(daemon.wait_lines(dpkg_log.count(log)["lines"]), log)
        self.assertEqual(daemon.term(), OK)

    def test_lines_that_are_no_records_become_dead_letters_once_each(self):
        log = self.directory / "dpkg.log"
        dpkg_log.write(log, dpkg_log.generate(3000, seed=2))
        daemon = self.demo(log).start()
        summary = daemon.wait_lines(3000)
        self.assertGreater(summary["unparsed"], 0, "the made log has no such line")
        letters = daemon.dead_letters(reason="rejected")
        self.assertEqual(len(letters), summary["unparsed"])
        self.assertEqual(len({letter["message_id"] for letter in letters}), len(letters))
        logged = daemon.find_log(lambda line: line.get("reason") == "rejected")
        self.assertTrue(logged, "no line of the log tells of a rejected record")

    def test_it_follows_a_growing_and_a_rotated_file(self):
        log = self.directory / "dpkg.log"
        lines = dpkg_log.generate(3000, seed=3)
        dpkg_log.write(log, lines[:1000])
        daemon = self.demo(log).start()
        daemon.wait_lines(1000)

        # A line counts when its end is there, not before.
        with open(log, "a", encoding="utf-8", newline="\n") as file:
            file.write(lines[1000][:10])
            file.flush()
            self.assertEqual(daemon.wait_lines(1000)["lines"], 1000)
            file.write(lines[1000][10:] + "\n")
        daemon.wait_lines(1001)

        log.rename(self.directory / "dpkg.log.1")
        dpkg_log.write(log, lines[1001:])
        summary = daemon.wait_lines(3000)
        whole = self.directory / "whole"
        dpkg_log.write(whole, lines)
        self.assert_counts(summary, whole)

    def test_a_graceful_restart_keeps_everything_and_counts_nothing_twice(self):
        log = self.directory / "dpkg.log"
        lines = dpkg_log.generate(4000, seed=4)
        dpkg_log.write(log, lines[:2000])
        daemon = self.demo(log).start()
        before = daemon.wait_lines(2000)
        self.assertEqual(daemon.term(), OK)
        daemon.start()
        after = daemon.wait_lines(2000)
        self.assertEqual(before, after)
        dpkg_log.write(log, lines[2000:], mode="a")
        self.assert_counts(daemon.wait_lines(4000), log)

    def test_a_second_daemon_on_the_same_store_is_refused_with_the_reason(self):
        log = self.directory / "dpkg.log"
        dpkg_log.write(log, dpkg_log.generate(100, seed=5))
        first = self.demo(log).start()
        second = self.demo(log)
        second.log_file = self.directory / "second.log"
        second.spawn()
        self.assertIn(second.wait(), (73, 74))
        self.assertIn(str(first.process.pid), second.log_text(), "the message names the process that holds the store")
        first.wait_lines(100)


if __name__ == "__main__":
    unittest.main()
