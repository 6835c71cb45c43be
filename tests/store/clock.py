"""A responder whose clock is set during a request: it is ended for what takes too long, and for nothing
else."""

import os
import signal
import subprocess

from fcgi import Connection, Responder
from harness import wait_until

DAY = 86400


class Clocked:
    """A responder, and the seconds that its clock is ahead."""

    def __init__(self, place, name, **settings):
        self.state = place.state(name, **settings)
        self.offset = os.path.join(self.state.directory, "offset")
        self.log = os.path.join(self.state.directory, "log")
        self.set(0)
        environment = {"DOORWARD_CONF": self.state.conf, "CLOCK_OFFSET": self.offset}
        socket_path = os.path.join(self.state.directory, "socket")
        with open(self.log, "ab") as log:
            self.responder = Responder(place, place.program("tests/store/clocked"), environment,
                                       socket_path, log)
        self.connection = Connection(socket_path)
        self.connection.call("GET", "/health")  # it has opened the store, watched as a request is
        wait_until(lambda: not self.is_watched(), "the end of the request")

    def set(self, seconds):
        with open(f"{self.offset}.new", "w", encoding="ascii") as file:
            file.write(f"{seconds}\n")
        os.rename(f"{self.offset}.new", self.offset)

    def begin(self):
        """A request that is in hand, but for the rest of its body."""
        self.connection.begin("POST", "/login/root/", 2)
        wait_until(self.is_watched, "the request to be in hand")

    def is_watched(self):
        """Whether the watchdog's signal is let through, as it is only within a request."""
        with open(f"/proc/{self.responder.pid}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        return not int(fields["SigBlk"], 16) >> signal.SIGALRM - 1 & 1

    def ends(self, seconds):
        """Whether it ends by itself."""
        try:
            return self.responder.process.wait(timeout=seconds) == 1
        except subprocess.TimeoutExpired:
            return False

    def said(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()


def set_forward(checks, place):
    one = Clocked(place, "clock-forward")
    one.begin()
    one.set(DAY)
    os.kill(one.responder.pid, signal.SIGALRM)  # that of an earlier request, as far as it knows
    try:
        answer = one.connection.finish(b"{}")
    except OSError as error:
        answer = error
    checks.check("a clock that is set forward ends no request",
                 getattr(answer, "status", None) == 400, (answer, one.said()))


def set_back(checks, place):
    one = Clocked(place, "clock-back", server_request_limit=1)
    one.begin()
    one.set(-DAY)
    checks.check("a clock that is set back keeps no hanging process", one.ends(15)
                 and "took too long" in one.said(), one.said())


def run(checks, place):
    set_forward(checks, place)
    set_back(checks, place)
