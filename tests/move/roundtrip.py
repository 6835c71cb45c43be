"""An export that is imported elsewhere is the same store, also one that was made under load."""

import os
import shutil
import stat

from harness import ROOT_EMAIL, ROOT_PASSWORD, Client
from lib import PASSWORD, Bare, exported, is_well, plant, run as doorward, table, verify, write
from load import Load


def furnish(state, server):
    """One of everything. Returns the tokens of a session that goes on and of one that has ended."""
    with Client(server.port) as client:
        root = client.login_root()
        client.want("POST", "/databases/",
                    {"name": "shop \u00fc", "item_id_type": "uuid", "user_id_type": "uint32",
                     "metadata": {"pi": 3.140, "big": 18446744073709551615}}, root)
        client.want("POST", "/accounts/service/", {"name": "worker", "password": "replaced later",
                                                   "role": "backend"}, root)
        client.want("POST", "/accounts/individual/",
                    {"email": "Ann@Example.com", "password": PASSWORD, "role": "manager",
                     "first_name": "Ann", "metadata": {"a": [1, {"b": None}]}}, root)
        state.admin("account", "verify", "ann@example.com")
        ended = client.login_service("worker", "replaced later")
        client.want("PATCH", "/accounts/service/", {"name": "worker", "password": PASSWORD}, root)
        session = client.login_service("worker", PASSWORD, db_name="shop \u00fc")
        account = client.want("POST", "/login/jwt/", token=session["token"])["account"]["id"]
    server.stop()
    plant(state, "fill", account)  # with a mail, which no responder delivers now
    return session, ended


def check_tokens(checks, server, session, ended):
    with Client(server.port) as client:
        answer = client.call("POST", "/login/jwt/", token=session["token"])
        checks.check("a JWT from before works where the key ring was copied",
                     answer.status == 200 and "database" in answer.body, str(answer))
        answer = client.call("POST", "/login/refresh-token/",
                             {"refresh_token": session["refresh_token"]})
        checks.check("a refresh token from before renews", answer.status == 200, str(answer))
        answer = client.call("POST", "/login/refresh-token/",
                             {"refresh_token": ended["refresh_token"]})
        checks.check("that of an ended session does not", answer.status == 401, str(answer))
        answer = client.call("POST", "/login/individual/",
                             {"email": "ann@example.com", "password": PASSWORD})
        checks.check("a password logs in", answer.status == 200, str(answer))
        answer = client.call("POST", "/login/service/", {"name": "worker", "password": PASSWORD,
                                                         "db_name": "shop \u00fc"})
        checks.check("another, with a database", answer.status == 200, str(answer))
        answer = client.call("POST", "/login/root/",
                             {"email": ROOT_EMAIL, "password": ROOT_PASSWORD})
        checks.check("root logs in", answer.status == 200, str(answer))


def check_file(checks, state):
    path = os.path.join(state.directory, "out.jsonl")
    done = doorward(state, "export", path)
    checks.check("an export's file has mode 0600", done.status == 0
                 and stat.S_IMODE(os.stat(path).st_mode) == 0o600, str(done))
    again = doorward(state, "export", path)
    checks.check("an export is not written over a file", again.status == 1
                 and again.errors == [f"{path}: File exists"], str(again))
    return path


def check_move(checks, place, state, path, session, ended):
    other = Bare(place, "other")
    shutil.copy(os.path.join(state.directory, "keys.json"), other.directory)
    dry = doorward(other, "import", "--dry-run", path)
    checks.check("a dry run needs a state directory to look at", dry.status == 1
                 and "is not initialised" in dry.errors[0], str(dry))
    done = doorward(other, "import", path)
    checks.check("an export is imported into an empty state directory", done.status == 0, str(done))
    checks.check("and all is well there", is_well(other), str(verify(other)))
    before, after = exported(state), exported(other)
    checks.check("its own export is the same", before == after,
                 f"{len(before)} and {len(after)}: {set(before) ^ set(after)}")
    for name in ("account-login", "account-org", "account-epoch", "database-name", "session-end",
                 "service-key-account", "code-end", "mail-due"):
        checks.check(f"the table {name} is the same, and not empty",
                     table(state, name) == table(other, name) != {}, "")
    checks.check("an account's epoch came along", "1" in table(other, "account-epoch").values(), "")
    checks.check("what throttles did not", table(state, "throttle") and not table(other, "throttle"),
                 "")
    again = doorward(other, "import", path)
    checks.check("again it is refused, for every record",
                 again.status == 1 and again.errors[0] == f"{path}:2: the organization is there "
                 "already" and again.errors[-1] == f"{len(before)} lines are wrong; nothing was "
                 "imported", str(again))
    server = other.serve(2)
    check_tokens(checks, server, session, ended)
    server.stop()


def check_broken(checks, place, path):
    """Whatever is done to an export, it is noticed, and nothing is written."""
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    last = len(lines)
    other = next(line for line in lines if '"table":"account"' in line)
    rows = [
        ("without its last line", lines[:-1], last - 1,
         "the last line is missing: the export is not complete"),
        ("without a line in between", lines[:3] + lines[4:], last - 1,
         f"there are {last - 2} lines before this one, not {last - 1}: the export is not complete"),
        ("with a changed byte", [line.replace('"backend"', '"manager"') for line in lines], last,
         "the lines are not those that were exported: their SHA-256 is "),
        ("with something behind it", lines + [other], last + 1,
         "there is something behind the last line"),
        ("without its header", lines[1:], 1, "this is no export of doorward"),
        ("of another version", [lines[0].replace('"version":1', '"version":2')] + lines[1:], 1,
         "the export was made by another version of doorward"),
    ]
    empty = Bare(place, "broken")
    for name, content, line, why in rows:
        damaged = write(empty, "damaged.jsonl", "".join(content))
        done = doorward(empty, "import", "--format", "export", damaged)
        checks.check(f"an export {name} is refused in line {line}", done.status == 1
                     and any(error.startswith(f"{damaged}:{line}: {why}") for error in done.errors),
                     str(done))
        checks.check(f"an export {name}: nothing is written", table(empty, "account") == {}
                     == table(empty, "organization"), "")


def check_encoding(checks, place, path):
    with open(path, "rb") as file:
        content = file.read()
    empty = Bare(place, "latin")
    damaged = write(empty, "damaged.jsonl", content.replace(b'"worker"', b'"w\xf6rker"'))
    done = doorward(empty, "import", damaged)
    checks.check("an export that is not UTF-8 is refused", done.status == 1
                 and any("there is invalid UTF-8" in error for error in done.errors)
                 and table(empty, "account") == {}, str(done))


def check_under_load(checks, place):
    state = place.state("moving", store_cache=1 << 20)
    server = state.serve(4)
    path = os.path.join(state.directory, "loaded.jsonl")
    with Load(server.port) as load:
        for i in range(3):
            acknowledged = [set(ledger.accounts) for ledger in load.ledgers()]
            done = doorward(state, "export", f"{path}.{i}")
            status, said = verify(state)
            checks.check(f"under load: export {i} is made", done.status == 0, str(done))
            checks.check(f"under load: verify {i} finds nothing wrong",
                         status == 0 and said["wrong"] == 0, str(said["findings"][:3]))
            other = Bare(place, f"moved{i}")
            done = doorward(other, "import", f"{path}.{i}")
            checks.check(f"under load: export {i} is imported", done.status == 0, str(done))
            checks.check(f"under load: and all is well {i}", is_well(other), str(verify(other)))
            names = {key[2:] for key in table(other, "account-login")}
            lost = [name for known, ledger in zip(acknowledged, load.ledgers())
                    for name in (known & ledger.accounts) - names]
            checks.check(f"under load: export {i} has what was acknowledged before", not lost,
                         f"{lost[:5]}")
    checks.check("under load: every answer was a success or the contract's 503", not load.wrong(),
                 f"{load.wrong()[:3]}")
    server.stop()


def run(checks, place):
    state = place.state("moved")
    server = state.serve(2)
    session, ended = furnish(state, server)
    path = check_file(checks, state)
    check_move(checks, place, state, path, session, ended)
    check_broken(checks, place, path)
    check_encoding(checks, place, path)
    check_under_load(checks, place)
