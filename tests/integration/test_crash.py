"""kill -9 at random moments while a log is ingested: no line lost, none counted twice.

    ACTORD_CRASH_LINES   lines in all (default 20000)
    ACTORD_CRASH_KILLS   times it is killed (default 8)
    ACTORD_CRASH_SEED    to repeat a run; printed each time
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import unittest

import dpkg_log
from harness import OK, ROOT, STORE, SLOW, Case

LINES = int(os.environ.get("ACTORD_CRASH_LINES", "20000"))
KILLS = int(os.environ.get("ACTORD_CRASH_KILLS", "8"))
SEED = int(os.environ.get("ACTORD_CRASH_SEED", str(random.SystemRandom().randrange(1 << 32))))
MACHINE_LOG = pathlib.Path("/var/log/dpkg.log")


def log_lines():
    """A real log replayed, with some lines that are none; or one made from the seed."""
    if os.access(MACHINE_LOG, os.R_OK) and MACHINE_LOG.stat().st_size:
        lines = dpkg_log.replay(MACHINE_LOG, LINES)
        chance = random.Random(SEED + 1)
        for _ in range(LINES // 1000):
            lines[chance.randrange(LINES)] = f"not from dpkg, number {chance.randrange(1 << 30)}"
        return lines
    return dpkg_log.generate(LINES, SEED)


class Crash(Case):
    def test_no_line_is_lost_and_none_counted_twice(self):
        print(f"\nseed {SEED}, {LINES} lines, {KILLS} kills (repeat: ACTORD_CRASH_SEED={SEED})", file=sys.stderr)
        chance = random.Random(SEED)
        lines = log_lines()
        log = self.directory / "dpkg.log"
        daemon = self.daemon(ROOT / "config/demo.yaml", env={"ACTORD_DEMO_LOG": str(log)}, cwd=ROOT)

        # The file grows before every start, so that each kill finds the daemon at work.
        cuts = [LINES * (i + 1) // (KILLS + 1) for i in range(KILLS)] + [LINES]
        written, seen = 0, 0
        for number, cut in enumerate(cuts[:-1], 1):
            dpkg_log.write(log, lines[written:cut], mode="a")
            written = cut
            daemon.spawn()
            until_ready = chance.random() < 0.7  # else it may die while it opens or hydrates the store
            if until_ready:
                daemon.wait_ready()
            seen = self.kill_within(daemon, chance.uniform(0, 0.8 * SLOW), number, seen)

        dpkg_log.write(log, lines[written:], mode="a")
        began = time.monotonic()
        status = daemon.start(seconds=120).wait_ready()
        hydration = status["hydration"]
        starts = [(line["hydrated_events"], line["took_ms"])
                  for line in daemon.find_log(lambda line: "hydrated_events" in line, whole=True)]
        print("starts that came to be ready, hydrated events/ms: "
              + " ".join(f"{events}/{ms}" for events, ms in starts)
              + f"; the last one ready after {time.monotonic() - began:.2f} s", file=sys.stderr)
        # A snapshot every 1,000 events; what came after it waits in the mailbox while it is written.
        self.assertLess(hydration["events"], 5 * 4000, "the start read the journal, not the snapshots")
        summary = daemon.wait_lines(LINES, seconds=600)
        self.assert_counts(summary, log)

        letters = [letter for letter in daemon.dead_letters() if letter["reason"] == "rejected"]
        self.assertEqual(len(letters), summary["unparsed"], "each line that is no record is one dead letter")
        self.assertTrue(daemon.find_log(lambda line: "hydrated_events" in line and "took_ms" in line),
                        "the start does not say how many events it hydrated and how long it took")

        self.assertEqual(daemon.term(), OK)
        daemon.start()
        self.assertEqual(daemon.wait_lines(LINES), summary)

    def test_a_data_directory_moved_away_ends_the_host_and_put_back_it_goes_on(self):
        log = self.directory / "dpkg.log"
        lines = dpkg_log.generate(4000, SEED)
        dpkg_log.write(log, lines[:2000])
        daemon = self.daemon(ROOT / "config/demo.yaml", env={"ACTORD_DEMO_LOG": str(log)}, cwd=ROOT).start()
        daemon.wait_lines(2000)
        away = self.directory / "away"
        daemon.data.rename(away)
        dpkg_log.write(log, lines[2000:3000], mode="a")
        self.assertEqual(daemon.wait(), STORE)
        said = daemon.log_text()
        self.assertIn("was removed or moved", said)
        self.assertIn("put the data directory back", said)
        away.rename(daemon.data)
        dpkg_log.write(log, lines[3000:], mode="a")
        daemon.start()
        self.assert_counts(daemon.wait_lines(4000), log)

    def kill_within(self, daemon, seconds, number, seen):
        """Kills it after that time, at whatever it is doing then; what it had counted never goes back."""
        try:
            daemon.process.wait(timeout=seconds)
            self.fail(f"it ended by itself with exit {daemon.process.returncode}\n{daemon.log_text()[-3000:]}")
        except subprocess.TimeoutExpired:
            pass
        answer = daemon.summary() if number % 2 else None
        if answer:
            self.assertGreaterEqual(answer["lines"], seen, "what had been shown was forgotten")
            seen = answer["lines"]
        self.assertEqual(daemon.kill9(), -signal.SIGKILL)
        return seen


if __name__ == "__main__":
    unittest.main()
