"""An import that is killed, stopped or overtaken leaves nothing behind."""

import os
import signal

from harness import wait_until
from lib import (PASSWORD, exported, is_well, run as doorward, start, table, verify, write,
                 write_accounts)

COUNT = 20_000
ENOUGH = 100_000  # bytes of the journal: some thousand accounts are written then


def begin(state, path):
    """Starts an import and returns when it is in the middle of writing."""
    journal = os.path.join(state.directory, "import.journal")
    process = start(state, "import", path)

    def is_writing():
        try:
            return os.path.getsize(journal) > ENOUGH
        except FileNotFoundError:
            if process.poll() is not None:
                raise RuntimeError(f"import ended: {process.communicate()}") from None
            return False

    wait_until(is_writing, "the import to write")
    return process


def kill(state, path):
    process = begin(state, path)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def repair_with_interruption(state):
    """The repair is killed, too."""
    process = start(state, "verify", "--repair")
    wait_until(lambda: process.poll() is not None or len(table(state, "account")) < COUNT / 5,
               "the repair to begin")
    process.kill()
    process.communicate()
    return verify(state, "--repair")


def check_killed(checks, state, path, before):
    checks.check("an import of 20,000 accounts is killed", kill(state, path), "it ended before")
    written = len(table(state, "account"))
    checks.check("when it was in the middle", 1000 < written < COUNT, f"{written} were written")
    status, said = verify(state)
    checks.check("verify says that an import did not come to its end", status == 1
                 and [(finding["table"], finding["mended"]) for finding in said["findings"]]
                 == [("import.journal", False)], str(said["findings"][:3]))
    status, said = repair_with_interruption(state)
    checks.check("verify --repair undoes it", status == 0, str(said))
    checks.check("then all is well", is_well(state), str(verify(state)))
    checks.check("and nothing of the import is there", exported(state) == before, "")

    checks.check("another one is killed", kill(state, path), "it ended before")
    small = write(state, "small", '{"name":"worker","role":"backend"}\n')
    done = doorward(state, "import", small)
    checks.check("the next import undoes it first", done.status == 0
                 and done.errors[-1].startswith("an import that did not come to its end was undone"),
                 str(done))
    logins = {key for key in table(state, "account-login")}
    checks.check("and brings only its own", logins == {"i:root@example.com", "s:worker"},
                 f"{len(logins)}")
    checks.check("and all is well", is_well(state), str(verify(state)))
    state.admin("account", "delete", "worker")
    checks.check("and nothing else is left", exported(state) == before, "")


def check_stopped(checks, state, path, before):
    process = begin(state, path)
    process.terminate()
    process.communicate()
    checks.check("on SIGTERM an import ends", process.returncode != 0, f"{process.returncode}")
    checks.check("and has undone what it wrote", exported(state) == before and is_well(state),
                 str(verify(state)))


def check_overtaken(checks, state, path, before):
    """Somebody makes an account of the file before the import comes to it."""
    process = begin(state, path)
    last = COUNT - 1
    login = f"person{last * 7919 % COUNT}@example.com"
    state.admin("account", "add", login, "--role", "backend", password=PASSWORD)
    _, errors = process.communicate()
    said = errors.decode().splitlines()
    checks.check("an import that is overtaken fails", process.returncode == 1
                 and said[-1] == f"doorward: line {COUNT}: the account {login} is there already; "
                 "nothing was imported", str(said))
    logins = set(table(state, "account-login"))
    checks.check("undoes what it wrote, and keeps the other's",
                 logins == {"i:root@example.com", f"i:{login}"} and is_well(state), f"{len(logins)}")
    state.admin("account", "delete", login)
    checks.check("and leaves the rest as it was", exported(state) == before, "")


def check_alone(checks, state, path):
    process = begin(state, path)
    os.kill(process.pid, signal.SIGSTOP)
    done = doorward(state, "import", path)
    checks.check("two imports at once are refused", done.status == 1
                 and done.errors == ["an import or a verify is running: try again later"], str(done))
    done = doorward(state, "verify")
    checks.check("so is a verify meanwhile", done.status == 1
                 and done.errors == ["an import or a repair is running: try again later"], str(done))
    os.kill(process.pid, signal.SIGCONT)
    process.communicate()
    checks.check("undisturbed it comes to its end", process.returncode == 0
                 and len(table(state, "account")) == COUNT + 1 and is_well(state), "")


def run(checks, place):
    state = place.state("interrupted")
    path = write_accounts(state, "accounts.jsonl", COUNT)
    before = exported(state)
    check_killed(checks, state, path, before)
    check_stopped(checks, state, path, before)
    check_overtaken(checks, state, path, before)
    check_alone(checks, state, path)
