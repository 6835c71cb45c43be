"""Responders are killed by SIGKILL again and again while clients write and read."""

import os
import random
import signal
import time

from harness import Footprint, wait_until
from load import Load

RESPONDERS = 8
LEAST_LIVING = 2     # when all are dead there is nobody to answer; lighttpd waits before it restarts
KILLS = int(os.environ.get("KILLS", "200"))
WARM_UP = 30         # kills, before the survivor's size is taken
LIVES = 3            # survivors tried, of which one must live through half the kills
# Seconds between kills. The least one lets lighttpd ask a second responder for the 503 to what the dead
# one was to answer; if that dies as well, lighttpd has nothing but its own page.
LEAST_PAUSE, MEAN_PAUSE, MOST_PAUSE = 0.1, 0.25, 1
FILES_SLACK = 2      # a connection and a log file that happen to be open
MAPPINGS_SLACK = 8   # malloc's and the tables' that happen to be open
OWN_SLACK = 1024     # KiB: a process that has just begun anew holds less
RESIDENT_SLACK = 1536  # KiB: the store's cache (1 MiB here) is mapped again and filled over time


class Killer:
    """Kills one responder after another, but never the spared one."""

    def __init__(self, server, least_pause=LEAST_PAUSE):
        self.server = server
        self.least_pause = least_pause
        self.random = random.Random(2)
        self.killed = set()
        self.spared = None

    def kill(self, times):
        for _ in range(times):
            victim = wait_until(self._pick, "a responder to kill")
            os.kill(victim, signal.SIGKILL)
            self.killed.add(victim)
            pause = self.least_pause + self.random.expovariate(1 / (MEAN_PAUSE - LEAST_PAUSE))
            time.sleep(min(pause, MOST_PAUSE))

    def spare_one(self):
        self.spared = self.random.choice(wait_until(self._living, "a responder to spare"))
        return self.spared

    def _living(self):
        """A killed process may take a moment to be gone."""
        return [pid for pid in self.server.responders() if pid not in self.killed]

    def _pick(self):
        living = self._living()
        if len(living) <= LEAST_LIVING:
            return None
        return self.random.choice([pid for pid in living if pid != self.spared])


class Peak:
    """The most that a process holds in a few looks at it, so that chance says little."""

    def __init__(self, pid):
        looks = []
        for _ in range(40):
            looks.append(Footprint(pid))
            time.sleep(0.02)
        self.files = max(look.files for look in looks)
        self.mappings = max(look.mappings for look in looks)
        self.resident = max(look.resident for look in looks)
        self.own = max(look.own for look in looks)

    def __str__(self):
        return (f"{self.files} files, {self.mappings} mappings, {self.resident} KiB resident, "
                f"{self.own} KiB of its own")


def check_survivor(checks, recoveries, before, after):
    print(f"        survivor after {WARM_UP} kills: {before}")
    print(f"        survivor after {recoveries} recoveries: {after}")
    checks.check("survivor: lived through recoveries", recoveries >= WARM_UP, f"{recoveries}")
    checks.check("survivor: open files flat", after.files <= before.files + FILES_SLACK,
                 f"{before.files}, then {after.files}")
    checks.check("survivor: mappings flat", after.mappings <= before.mappings + MAPPINGS_SLACK,
                 f"{before.mappings}, then {after.mappings}")
    checks.check("survivor: its own memory flat", after.own <= before.own + OWN_SLACK,
                 f"{before.own} KiB, then {after.own} KiB")
    checks.check("survivor: resident memory flat",
                 after.resident <= before.resident + RESIDENT_SLACK,
                 f"{before.resident} KiB, then {after.resident} KiB")


def live_through(killer, kills):
    """Spares one responder through all the recoveries that the deaths of others cause. Returns its
    process ID and its size early and late; or None when it ended, as one does that hangs on what a
    dead one held: the watchdog sees to that."""
    survivor = killer.spare_one()
    try:
        killer.kill(WARM_UP)
        before = Peak(survivor)
        killer.kill(kills - WARM_UP)
        return survivor, before, Peak(survivor)
    except (FileNotFoundError, ProcessLookupError):
        return None


def run(checks, place):
    state = place.state("crash", store_cache=1 << 20, token_jwt_lifetime=3600)
    server = state.serve(RESPONDERS)
    killer = Killer(server)
    spared_kills = max(KILLS // 2, WARM_UP + 1)
    with Load(server.port) as load:
        killer.kill(KILLS - spared_kills)
        found = next(filter(None, (live_through(killer, spared_kills) for _ in range(LIVES))), None)
    wrong = load.wrong()
    lost, invented = load.compare(server.port)
    kills = len(killer.killed)
    given_up = server.count_in_log("a request took too long")
    print(f"        crash: {kills} kills, {load.summary(lost)}; {given_up} ended by the watchdog")
    checks.check(f"at least {KILLS} kills", kills >= KILLS, f"{kills}")
    checks.check("no acknowledged write is lost", not lost and load.acknowledged() > KILLS,
                 f"{len(lost)} of {load.acknowledged()}: {lost[:5]}")
    checks.check("nothing is there that nobody asked for", not invented, f"{invented[:5]}")
    checks.check("every answer was a success or the contract's 503", not wrong,
                 f"{len(wrong)} others: {wrong[:5]}; {server.lines_in_log(' record ')[:5]}")
    checks.check("the watchdog is the exception", given_up <= kills / 20, f"{given_up}")
    checks.check("a survivor lives", found, f"none in {LIVES} tries")
    if found:
        survivor, before, after = found
        recoveries = server.count_in_log(f"doorward[{survivor}]: store: reopening")
        check_survivor(checks, recoveries, before, after)
    server.stop()
