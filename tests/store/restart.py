"""Responders are ended by SIGTERM and SIGUSR1 under load, as web servers do: nothing is lost, and
nobody has to recover anything."""

import itertools
import os
import signal
import time

from harness import wait_until
from load import Load

RESPONDERS = 4
ROUNDS = 5


def end_each(server, signals):
    """Ends every responder once, the next when lighttpd has started the successor of the last."""
    ended = 0
    all_of_them = server.responders()
    for pid in all_of_them:
        os.kill(pid, next(signals))
        wait_until(lambda pid=pid: pid not in server.responders()
                   and len(server.responders()) == len(all_of_them), f"responder {pid} to be replaced")
        ended += 1
        time.sleep(0.1)  # some load for the new one
    return ended


def run(checks, place):
    state = place.state("restart")
    server = state.serve(RESPONDERS)
    signals = itertools.cycle((signal.SIGTERM, signal.SIGUSR1))
    with Load(server.port) as load:
        ended = sum(end_each(server, signals) for _ in range(ROUNDS))
    reopenings = server.count_in_log("reopening")
    server.stop()
    server = state.serve(RESPONDERS)
    lost, invented = load.compare(server.port)
    wrong = load.wrong()
    print(f"        restart: {ended} ended, {load.summary(lost)}")
    checks.check(f"{ended} graceful ends under load lose nothing", not lost and not invented,
                 f"{lost[:5]} {invented[:5]}")
    checks.check("every answer was a success or the contract's 503", not wrong,
                 f"{len(wrong)} others: {wrong[:5]}")
    checks.check("every one closed the store: nobody had to recover it", reopenings == 0,
                 f"{reopenings} reopenings")
    server.stop()
