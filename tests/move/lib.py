"""What the tests of moving in and out share, besides those of the store's harness."""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "store"))

from harness import State  # noqa: E402  (its folder is known only now)

PASSWORD = "quite a long password"


class Bare(State):
    """A state directory with nothing but a configuration."""

    def __init__(self, place, name, **settings):
        self.place = place
        self.directory = os.path.join(place.directory, name)
        self.conf = os.path.join(self.directory, "doorward.conf")
        os.mkdir(self.directory, 0o700)
        self._write_configuration({"password_cost": 1, "log_target": "stderr", **settings})


class Done:
    """What became of one run of a program: exit status, the lines of its outputs, memory in KiB."""

    def __init__(self, status, output, errors, peak):
        self.status = status
        self.output = output
        self.errors = [line.removeprefix("doorward: ") for line in errors.splitlines()]
        self.peak = peak

    def __str__(self):
        return f"exit status {self.status}, {self.output[-300:]!r}, {self.errors[-5:]}"


def start(state, *arguments, **how):
    return subprocess.Popen(
        [state.place.program("doorward"), "--config", state.conf, *arguments],
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how})


def run(state, *arguments, stdin=None):
    """Runs the admin command, whatever comes of it."""
    process = start(state, *arguments, stdin=subprocess.PIPE)
    output, errors = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin)
    return Done(process.returncode, output.decode(), errors.decode(), 0)


def high_water(pid):
    """The most memory that a process has held, in KiB; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return int(next((line.split()[1] for line in status if line.startswith("VmHWM:")), 0))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def measured(state, *arguments):
    """The same, with the most memory that it held. (What wait4(2) says of that begins with this
    process's own.)"""
    errors_path = os.path.join(state.directory, "errors")
    peak = 0
    with open(errors_path, "wb") as errors:
        process = start(state, *arguments, stdout=subprocess.DEVNULL, stderr=errors)
        while process.poll() is None:
            peak = max(peak, high_water(process.pid))
            time.sleep(0.005)
    with open(errors_path, encoding="utf-8") as errors:
        return Done(process.returncode, "", errors.read(), peak)


def plant(state, *arguments):
    """Works below the models: see plant.c. Returns what it prints."""
    return subprocess.run([state.place.program("tests/move/plant"), state.conf, *arguments],
                          check=True, text=True, stdout=subprocess.PIPE).stdout


def table(state, name):
    """A table's keys and values, as they are."""
    records = map(json.loads, plant(state, "list", name).splitlines())
    return {record["key"]: record["value"] for record in records}


def hash_of(place, prefix, cost, password):
    return subprocess.run([place.program("tests/move/plant"), "hash", prefix, str(cost), password],
                          check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def exported(state):
    """The records of an export, as lines; header and last line say when and how many."""
    done = run(state, "export")
    if done.status != 0:
        raise RuntimeError(f"export: {done}")
    return done.output.splitlines()[1:-1]


def verify(state, *options):
    """Exit status, and what verify says as JSON."""
    done = run(state, "verify", "--json", *options)
    if not done.output:
        raise RuntimeError(f"verify: {done}")
    return done.status, json.loads(done.output)


def is_well(state):
    status, said = verify(state)
    return status == 0 and said["wrong"] == 0 and not said["findings"]


def write(state, name, content):
    path = os.path.join(state.directory, name)
    with open(path, "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
    return path


def write_accounts(state, name, count):
    """A file of JSON lines; the hash is of no password in particular."""
    line = ('{{"email":"person{0}@example.com","password_hash":"$2y$05$' + 53 * "a"
            + '","role":"backend","first_name":"Person","last_name":"Number {0}"}}\n')
    return write(state, name, "".join(line.format(i * 7919 % count) for i in range(count)))
