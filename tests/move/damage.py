"""verify finds each kind of damage, and --repair mends what indices are damaged."""

import json
import os
import shutil

from harness import Client
from lib import PASSWORD, Bare, exported, is_well, plant, run as doorward, table, verify, write

NOBODY = 22 * "A"
COUNTS = '{"v":1,"rating":1,"user":1,"item":1}'


def make_template(place):
    """A state with two of some things and one of everything else, and what is in it."""
    state = place.state("whole")
    state.admin("org", "add", "Second", "--email", "second@example.com", password=PASSWORD)
    state.admin("database", "add", "shop", "--item-id-type", "uuid", "--user-id-type", "uint32",
                "--org", "Example")
    for name in ("worker", "other"):
        state.admin("account", "add", name, "--role", "backend", "--org", "Example",
                    password=PASSWORD)
    server = state.serve(1)
    with Client(server.port) as client:
        client.login_service("worker", PASSWORD)
    server.stop()
    plant(state, "fill", table(state, "account-login")["s:worker"])
    return state


class Kind:
    """One kind of damage: what is planted, and what verify must say of it."""

    def __init__(self, name, planted, found, mended):
        self.name = name
        self.planted = planted  # commands of plant
        self.found = found      # (table, key, beginning of what) of every finding
        self.mended = mended    # whether --repair mends it all


def index_kinds(state):
    """Each index: an entry that is missing, one too many, one that says something else."""
    for name, owner in (("account-login", "account"), ("account-org", "account"),
                        ("account-epoch", "account"), ("database-name", "database"),
                        ("session-end", "session"), ("service-key-account", "service-key"),
                        ("code-end", "code"), ("mail-due", "mail"), ("throttle-end", "throttle")):
        entries = table(state, name)
        key = sorted(entries)[0]
        value = entries[key]
        record = find_owner(state, name, owner, key, value)
        yield Kind(f"{name}: an entry is missing", [("delete", name, key)],
                   [(owner, record, f"has no entry in {name}: {key}")], True)
        stray_key, stray_value = stray(name, key, value)
        yield Kind(f"{name}: an entry of nothing", [("put", name, stray_key, stray_value)],
                   [(name, stray_key, "the ")], True)
        yield Kind(f"{name}: an entry that makes no sense", [("put", name, "?", "?")],
                   [(name, "?", "stands for no record")], True)


def find_owner(state, name, owner, key, value):
    for record in sorted(table(state, owner), key=len, reverse=True):
        if key.endswith(record) or value.startswith(record):
            return record
    raise LookupError(f"{name}: {key}")


def stray(name, key, value):
    """A well-formed entry for a record that is not there."""
    if name == "account-login":
        return "s:nobody", NOBODY
    if name == "account-epoch":
        return NOBODY, "0"
    if name == "database-name":
        return key + "2", NOBODY + value[22:]
    if name in ("code-end", "throttle-end"):
        return key[:17] + "v" + NOBODY, ""
    return key[:-22] + NOBODY, ""


def other_kinds(state):
    accounts = {json.loads(value)["login"]: (key, json.loads(value))
                for key, value in table(state, "account").items()}
    worker_id, worker = accounts["worker"]
    other_id, other = accounts["other"]
    root_id, root = accounts["root@example.com"]
    second_id, second = accounts["second@example.com"]
    database_id, database = next(iter(table(state, "database").items()))
    key_id, service_key = next(iter(table(state, "service-key").items()))
    code_key, code = sorted(table(state, "code").items())[0]
    session_id = next(iter(table(state, "session")))
    name_key, entry = next(iter(table(state, "database-name").items()))
    organization = root["org"]

    def put(name, key, record, **changes):
        return "put", name, key, json.dumps({**record, **changes})

    yield Kind("account-login: an entry leads to another account",
               [("put", "account-login", "s:worker", other_id)],
               [("account", worker_id, "its entry in account-login differs: s:worker"),
                ("account-login", "s:worker", "the account says otherwise")], True)
    yield Kind("database-name: the entry for lists is an old one",
               [("put", "database-name", name_key, entry.replace("pending", "ready"))],
               [("database", database_id, "its entry in database-name differs")], True)
    for name, key in (("account", worker_id), ("organization", organization),
                      ("database", database_id), ("session", session_id), ("service-key", key_id),
                      ("code", code_key), ("mail", next(iter(table(state, "mail")))),
                      ("throttle", next(iter(table(state, "throttle"))))):
        yield Kind(f"{name}: a record is damaged", [("put", name, key, '{"v":1')],
                   [(name, key, "is damaged")], False)
        yield Kind(f"{name}: a record is of the future", [("put", name, key, '{"v":99}')],
                   [(name, key, "is damaged")], False)
    yield Kind("account: two claim one name",
               [put("account", other_id, other, login="worker"),
                ("delete", "account-login", "s:other")],
               [("account", other_id, "another has its entry in account-login: s:worker")], False)
    yield Kind("account: its organization is not there",
               [put("account", worker_id, worker, org=NOBODY)],
               [("account", worker_id, f"has no entry in account-org: {NOBODY}"),
                ("account-org", f"{organization}s{worker_id}", "the account says otherwise")],
               False)
    yield Kind("organization: no root account", [put("account", root_id, root, role="manager")],
               [("organization", organization, "has no root account")], False)
    yield Kind("organization: two root accounts",
               [put("account", worker_id, worker, role="root")],
               [("account", max(worker_id, root_id),
                 "is a second root account of its organization")], False)
    for ready, why in ((True, "is ready, but no rating is counted"),
                       (False, "is not ready, but ratings are counted")):
        status = "ready" if ready else "pending"
        yield Kind(f"database: {why}",
                   [*([] if ready else [("put", "database-count", database_id, COUNTS)]),
                    ("put", "database", database_id,
                     f'{database[:-1]},"ready":{json.dumps(ready)}}}'),
                    ("put", "database-name", name_key, entry.replace("pending", status))],
                   [("database", database_id, why)] + ([] if ready else [
                       ("database-count", database_id, "does not count what is there")]), True)
    yield Kind("database: its organization is not there",
               [put("database", database_id, json.loads(database), org=NOBODY)],
               [("database", database_id, f"has no entry in database-name: {NOBODY}shop"),
                ("database-name", f"{organization}shop", "the database says otherwise")], False)
    yield Kind("service-key: its account is not there",
               [("delete", "service-key-account", worker_id + key_id),
                ("put", "service-key-account", NOBODY + key_id, ""),
                put("service-key", key_id, json.loads(service_key), account=NOBODY)],
               [("service-key", key_id, f"its account is not there: {NOBODY}")], False)
    yield Kind("code: its account is not there",
               [("put", "code", "v" + NOBODY, code),
                ("put", "code-end", f"a{json.loads(code)['expires']:016x}v{NOBODY}", "")],
               [("code", "v" + NOBODY, f"its account is not there: {NOBODY}")], False)


def copy_of(place, state, name):
    copy = Bare(place, name)
    shutil.rmtree(copy.directory)
    shutil.copytree(state.directory, copy.directory,
                    ignore=shutil.ignore_patterns("sockets-*", "lighttpd-*"))
    return copy


def agree(found, expected):
    """The same findings, in any order."""
    found = [(finding["table"], finding["key"], finding["what"]) for finding in found]
    return len(found) == len(expected) and all(
        any(finding[:2] == row[:2] and finding[2].startswith(row[2]) for finding in found)
        for row in expected)


def check_kind(checks, place, state, number, kind):
    copy = copy_of(place, state, f"damaged{number}")
    whole = exported(copy)
    for command in kind.planted:
        plant(copy, *command)
    status, said = verify(copy)
    checks.check(f"{kind.name}: found", status == 1 and agree(said["findings"], kind.found)
                 and said["wrong"] == len(kind.found) and said["mended"] == 0,
                 json.dumps(said["findings"]))
    status, said = verify(copy, "--repair")
    checks.check(f"{kind.name}: {'mended' if kind.mended else 'a repair does not hide it'}",
                 (status == 0 and is_well(copy)) if kind.mended
                 else status == 1 and not is_well(copy), json.dumps(said["findings"]))
    if kind.mended and "epoch" not in kind.name:
        checks.check(f"{kind.name}: as it was before", exported(copy) == whole,
                     str(set(exported(copy)) ^ set(whole)))
    shutil.rmtree(copy.directory)


def check_lost_indices(checks, place, state):
    """All indices are lost at once."""
    copy = copy_of(place, state, "emptied")
    whole = {name: table(copy, name) for name in ("account-login", "account-org", "database-name",
                                                  "session-end", "service-key-account", "code-end",
                                                  "mail-due", "throttle-end")}
    for name, entries in whole.items():
        for key in entries:
            plant(copy, "delete", name, key)
    status, said = verify(copy, "--repair")
    records = sum(said[name] for name in ("account", "database", "session", "service-key", "code",
                                          "mail", "throttle"))
    checks.check("all indices are rebuilt", status == 0 and said["mended"] == records
                 and is_well(copy)
                 and all(table(copy, name) == entries for name, entries in whole.items()),
                 json.dumps(said["findings"][:3]))


def check_keys(checks, place, state):
    copy = copy_of(place, state, "keyless")
    os.remove(os.path.join(copy.directory, "keys.json"))
    status, said = verify(copy)
    checks.check("a key ring without signers is found", status == 1
                 and agree(said["findings"], [("keys.json", use, "there is no key that signs")
                                              for use in ("jwt", "refresh")]),
                 json.dumps(said["findings"]))


def check_key_pair(checks, place, state):
    copy = copy_of(place, state, "pair")
    with open(copy.conf, "a", encoding="utf-8") as conf:
        conf.write("[token]\nalgorithm = ES256\n")
    copy.admin("key", "rotate")
    checks.check("a key pair is well", is_well(copy), str(verify(copy)))
    path = os.path.join(copy.directory, "keys.json")
    with open(path, encoding="utf-8") as file:
        ring = json.load(file)
    pair = next(key for key in ring["keys"] if key["alg"] == "ES256")
    pair["d"] = "A" * 42 + "E"
    write(copy, "keys.json", json.dumps(ring))
    status, said = verify(copy)
    checks.check("a key pair whose parts do not belong together is found", status == 1
                 and agree(said["findings"], [("keys.json", pair["kid"], "x and y are not d's")]),
                 json.dumps(said["findings"]))


def check_swept(checks, place, state):
    copy = copy_of(place, state, "outlived")
    copy.admin("account", "delete", "worker")
    status, said = verify(copy)
    checks.check("the session of a deleted account is to be swept, and no error", status == 0
                 and said["to_be_swept"] >= 1 and said["wrong"] == 0, json.dumps(said))
    checks.check("its service key and its codes are gone with it", said["service-key"] == 0
                 and said["code"] == 0, json.dumps(said))


def check_words(checks, state):
    done = doorward(state, "verify")
    checks.check("for people it is a list of what there is", done.status == 0
                 and "wrong                0" in done.output.splitlines(), str(done))


def run(checks, place):
    state = make_template(place)
    checks.check("a whole state is well", is_well(state), str(verify(state)))
    check_words(checks, state)
    kinds = [*index_kinds(state), *other_kinds(state)]
    for number, kind in enumerate(kinds):
        check_kind(checks, place, state, number, kind)
    check_lost_indices(checks, place, state)
    check_keys(checks, place, state)
    check_key_pair(checks, place, state)
    check_swept(checks, place, state)
