"""A backup that is taken while clients write and responders are killed is a good one."""

import fcntl
import json
import os
import shutil
import stat
import threading

from crash import Killer
from harness import Client, wait_until
from lib import Bare, is_well, run as doorward, start, table, verify, write, write_accounts
from load import Load, list_databases, renews

RESPONDERS = 8
ROUNDS = 3
KILLS_BEFORE = 10     # in each round, besides those while the backup is being made
PROMISED_BEFORE = 50  # more in each round: a slow machine must get that far between kills


class KillingThread(threading.Thread):
    """Kills responders until told to stop."""

    def __init__(self, server):
        super().__init__()
        self.killer = Killer(server)
        self.stopping = threading.Event()
        self.enough = threading.Semaphore(0)

    def run(self):
        while not self.stopping.is_set():
            self.killer.kill(1)
            self.enough.release()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()


class Promised:
    """What the clients of a load know to be there at a moment."""

    def __init__(self, load):
        self.load = load
        self.accounts = [set(ledger.accounts) for ledger in load.ledgers()]
        self.databases = [set(ledger.databases) for ledger in load.ledgers()]
        self.sessions = [list(ledger.sessions) for ledger in load.ledgers()]

    def count(self):
        return sum(len(kept) for kind in (self.accounts, self.databases, self.sessions)
                   for kept in kind)

    def lost(self, port):
        """What is not there on another server; an account that was deleted since may be gone."""
        with Client(port) as client:
            listed = client.want("GET", "/organizations/current/accounts/", token=self.load.root)
            accounts = {account["name"] for account in listed["service_accounts"]}
            databases = set(list_databases(client, self.load.root))
            lost = []
            for i, ledger in enumerate(self.load.ledgers()):
                lost += (self.accounts[i] & ledger.accounts) - accounts
                lost += self.databases[i] - databases
                lost += [token for token in self.sessions[i] if not renews(client, token)]
        return lost


def enough(load, count):
    promised = Promised(load)
    return promised if promised.count() >= count else None


def restore(checks, place, folder, name):
    other = Bare(place, name, store_cache=1 << 20)
    done = doorward(other, "restore", folder)
    checks.check(f"{name}: the backup is restored, and verified at that", done.status == 0,
                 str(done))
    checks.check(f"{name}: all is well", is_well(other), str(verify(other)))
    return other


def check_under_load(checks, place):
    state = place.state("live", store_cache=1 << 20, token_jwt_lifetime=3600)
    server = state.serve(RESPONDERS)
    taken = []
    with Load(server.port) as load, KillingThread(server) as killing:
        for i in range(ROUNDS):
            for _ in range(KILLS_BEFORE):
                killing.enough.acquire()
            promised = wait_until(lambda i=i: enough(load, (i + 1) * PROMISED_BEFORE),
                                  "enough to be acknowledged", 60)
            folder = os.path.join(place.directory, f"backup{i}")
            done = doorward(state, "backup", folder)
            checks.check(f"backup {i} is taken", done.status == 0, str(done))
            taken.append((folder, promised))
    kills = len(killing.killer.killed)
    server.stop()
    print(f"        backup: {ROUNDS} backups, {kills} kills, {load.acknowledged()} acknowledged, "
          f"{[promised.count() for _, promised in taken]} of them before each backup")
    # a 500 is lighttpd's where all responders are dead at once, which is the crash test's concern
    unexpected = [answer for answer in load.wrong() if ": 500 " not in answer]
    checks.check("every answer was a success or said that there was nobody to give one",
                 not unexpected, f"{unexpected[:5]}")
    for i, (folder, promised) in enumerate(taken):
        other = restore(checks, place, folder, f"restored{i}")
        server = other.serve(2)
        lost = promised.lost(server.port)
        checks.check(f"restored{i}: everything acknowledged before the backup is there",
                     not lost, f"{len(lost)}: {lost[:5]}")
        server.stop()


def check_files(checks, place, state, folder):
    modes = {stat.S_IMODE(os.stat(os.path.join(path, name)).st_mode)
             for path, _, names in os.walk(folder) for name in names}
    checks.check("a backup's files have mode 0600, its folder 0700", modes == {0o600}
                 and stat.S_IMODE(os.stat(folder).st_mode) == 0o700, f"{modes}")
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    listed = {file["name"] for file in manifest["files"]}
    there = {os.path.relpath(os.path.join(path, name), folder)
             for path, _, names in os.walk(folder) for name in names} - {"manifest.json"}
    checks.check("the manifest lists every file", listed == there
                 and {"keys.json", "doorward.conf", "store/account.db"} <= listed,
                 f"{listed ^ there}")
    done = doorward(state, "backup", folder)
    checks.check("a backup is not written over another", done.status == 1
                 and done.errors == [f"{folder} is there already"], str(done))


def check_refusals(checks, place, folder):
    """A damaged backup replaces nothing; nor does a good one replace a store."""
    for number, (name, damage) in enumerate((
            ("a changed file", lambda path: flip(os.path.join(path, "store", "account.db"))),
            ("a missing file", lambda path: os.remove(os.path.join(path, "keys.json"))),
            ("no manifest", lambda path: os.remove(os.path.join(path, "manifest.json"))))):
        damaged = os.path.join(place.directory, f"damaged-backup{number}")
        shutil.copytree(folder, damaged)
        damage(damaged)
        other = Bare(place, f"refused{number}")
        done = doorward(other, "restore", damaged)
        checks.check(f"a backup with {name} is refused, and nothing is written", done.status == 1
                     and os.listdir(other.directory) == ["doorward.conf"],
                     f"{done} {os.listdir(other.directory)}")
    taken = place.state("taken")
    before = table(taken, "account")
    done = doorward(taken, "restore", folder)
    checks.check("a store that is there is not replaced", done.status == 1
                 and done.errors == [f"{taken.directory} holds a store or a key ring already: move "
                                     "it away first"] and table(taken, "account") == before,
                 str(done))


def flip(path):
    with open(path, "r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))


def check_configuration(checks, place, folder):
    """Where there is no configuration, the backup's is taken."""
    other = Bare(place, "unconfigured")
    os.remove(other.conf)
    done = doorward(other, "restore", folder)
    checks.check("restore brings the configuration where there is none", done.status == 0
                 and os.path.exists(other.conf) and is_well(other), str(done))


def check_log_stays(checks, place):
    """No log file is removed while a backup holds them; here this process is the backup."""
    state = place.state("held")
    path = write_accounts(state, "accounts.jsonl", 20_000)
    first = "log.0000000001"
    with open(os.path.join(state.directory, "store", "hold"), "wb") as hold:
        fcntl.flock(hold, fcntl.LOCK_EX)
        done = doorward(state, "import", path)
    checks.check("log files stay while a backup holds them", done.status == 0
                 and first in state.log_files() and len(state.log_files()) > 2,
                 f"{done} {sorted(state.log_files())}")
    other = write(state, "others", "name\n" + "".join(f"worker {i}\n" for i in range(20_000)))
    done = doorward(state, "import", "--role", "backend", other)
    checks.check("and go afterwards", done.status == 0 and first not in state.log_files(),
                 f"{done} {sorted(state.log_files())}")


def check_killed(checks, place, state):
    """Killed in between, a backup has no name that could be taken for a complete one's."""
    accounts = write_accounts(state, "accounts.jsonl", 20_000)
    doorward(state, "import", accounts)
    folder = os.path.join(place.directory, "killed")
    process = start(state, "backup", folder)
    while not os.path.exists(f"{folder}.partial") and process.poll() is None:
        pass
    process.kill()
    process.communicate()
    checks.check("a killed backup leaves an unfinished one", process.returncode == -9
                 and os.path.isdir(f"{folder}.partial") and not os.path.exists(folder),
                 f"{process.returncode}")
    checks.check("the store is not disturbed by it", is_well(state), str(verify(state)))
    done = doorward(state, "backup", f"{folder}.2")
    checks.check("nor is the next backup", done.status == 0, str(done))
    other = restore(checks, place, f"{folder}.2", "large")
    checks.check("which has it all", table(other, "account") == table(state, "account"), "")


def run(checks, place):
    check_under_load(checks, place)
    state = place.state("quiet")
    folder = os.path.join(place.directory, "quiet-backup")
    done = doorward(state, "backup", folder + "/")
    checks.check("a backup is taken", done.status == 0, str(done))
    check_files(checks, place, state, folder)
    check_refusals(checks, place, folder)
    check_configuration(checks, place, folder)
    check_log_stays(checks, place)
    check_killed(checks, place, state)
