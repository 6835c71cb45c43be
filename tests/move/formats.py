"""Accounts from elsewhere: each format with good and bad lines, and logins with old hashes."""

import json

from harness import Client
from lib import PASSWORD, exported, hash_of, is_well, run as doorward, table, verify, write

BCRYPT = "$2y$05$" + 53 * "a"
SHA512 = "$6$salt$" + 86 * "a"
YESCRYPT = "$y$j9T$salt$" + 43 * "a"
ONE_OF_BOTH = "either an email or a name is needed"
NO_ROLE = "there is no role, and no --role for all"
ROLES = "the role is one of manager, backend, frontend"
NO_HASH = ("password hashes of this kind cannot be verified here (crypt(5)): bcrypt, sha512crypt and "
           "yescrypt can")
PLAIN = ("this is no password hash that can move in (crypt(5)): bcrypt, sha512crypt and yescrypt "
         "can")

# What is in the file, the options, and the lines that are wrong with what is said of them.
BAD = [
    ("jsonl", f'{{"email":"a@example.com","role":"backend"}}\n\n{{"email":"A@Example.com","role":'
     f'"backend"}}\n{{"name":"worker"}}\n{{"name":"w","email":"b@example.com","role":"backend"}}\n'
     f'{{"role":"backend"}}\n{{"email":"nobody","role":"backend"}}\nno JSON\n[1]\n'
     f'{{"name":"root","role":"root"}}\n{{"name":"x","role":"backend","shoe_size":1}}\n'
     f'{{"name":"y","role":"backend","verified":"yes"}}\n'
     f'{{"name":"z","role":"backend","metadata":[]}}\n{{"name":"q\\u0007","role":"backend"}}\n'
     f'{{"name":"v","role":"backend","password_hash":"{BCRYPT[:-1]}"}}\n'
     f'{{"name":"v","role":"backend","first_name":"{256 * "x"}"}}\n', [],
     {3: "the account a@example.com is in line 1 already", 4: NO_ROLE, 5: ONE_OF_BOTH,
      6: ONE_OF_BOTH, 7: "the email is no email address", 8: "", 9: "this is no JSON object",
      10: ROLES, 11: 'there is no field "shoe_size"', 12: "verified must be true or false",
      13: "metadata must be a JSON object",
      14: "a name has 1 to 128 bytes and no control characters",
      15: "the password hash is not complete",
      16: "first and last names have at most 255 bytes and no control characters"}),
    ("csv", 'name,role,verified,metadata\r\nworker,,,\r\n"a ""quoted"",\r\none",backend,,\r\n'
     'x,backend\r\n\r\ny,backend,perhaps,\r\nz,backend,,"{""a"":1"\r\nworker,backend,,\r\n',
     ["--role", "frontend"],
     {3: "a name has 1 to 128 bytes and no control characters", 5: "there are 2 fields in 4 columns",
      7: "verified must be true or false", 8: "", 9: "the account worker is in line 2 already"}),
    ("csv", "name,rôle\nworker,backend\n", [], {1: 'there is no column "rôle"'}),
    ("csv", "name,role,name\nworker,backend,x\n", [], {1: "the column name is there twice"}),
    ("csv", 'name,role\nworker,"backend\n\n', [],
     {2: "a quoted field that begins here has no end"}),
    ("csv", 'name,role\nworker,bac"kend\nx,backend\n', [], {2: "this is no CSV (RFC 4180): "}),
    ("htpasswd", f"# people\nann:{BCRYPT}\nbob:$apr1$salt$hash\n\ncecil:{{SHA}}hash=\n"
     f"doris:plain\nann:{SHA512}\nnothing\nernest:rl.3StKT.4T8M\nfrank:\n",
     ["--role", "backend"],
     {3: NO_HASH, 5: "the password hash has a character that none has (crypt(5))", 6: PLAIN,
      7: "the account ann is in line 2 already", 8: "expected name:hash", 9: PLAIN, 10: PLAIN}),
    ("htpasswd", f"ann:{BCRYPT}\n", [], {1: NO_ROLE}),
    ("jsonl", '{"email":"ROOT@example.com","role":"backend"}\n', [],
     {1: "the account root@example.com is there already"}),
]

# What is in the file, the options, and what then is there: login, role, verified, whether with a hash.
GOOD = [
    ("jsonl", f'{{"email":"Ann@example.com","role":"manager","password_hash":"{SHA512}",'
     f'"metadata":{{"x":1.50}},"first_name":null}}\r\n\n{{"name":"worker","verified":false}}',
     ["--role", "backend"],
     {("Ann@example.com", "manager", False, True), ("worker", "backend", True, False)}),
    ("csv", f'\ufeffemail,password_hash,verified,metadata\r\n'
     f'ann@example.com,{YESCRYPT},no,"{{""x"":""a,b""}}"\r\n\r\nbob@example.com,,,\r\n',
     ["--role", "frontend", "--verified"],
     {("ann@example.com", "frontend", False, True), ("bob@example.com", "frontend", True, False)}),
    ("csv", "name\nworker\n other", ["--role", "frontend"],
     {("worker", "frontend", True, False), (" other", "frontend", True, False)}),
    ("htpasswd", f"ann:{BCRYPT}\r\n#bob:x\nbob@example.com:{YESCRYPT}:Bob's own\n",
     ["--role", "backend"],
     {("ann", "backend", True, True), ("bob@example.com", "backend", False, True)}),
]


def accounts(state):
    """All but root."""
    records = [json.loads(value) for value in table(state, "account").values()]
    return {(record["login"], record["role"], record["verified"], "password" in record)
            for record in records if record["role"] != "root"}


def wrong_lines(path, expected, errors):
    """Whether these are the errors, each in its line, in their order."""
    *said, last = errors
    count = len(expected)
    return (len(said) == count
            and all(error.startswith(f"{path}:{line}: {why}")
                    for error, (line, why) in zip(said, sorted(expected.items())))
            and last == f"{count} {'line is' if count == 1 else 'lines are'} wrong; nothing was "
                        "imported")


def check_bad(checks, state):
    before = exported(state)
    for number, (name, content, options, expected) in enumerate(BAD):
        path = write(state, f"bad{number}", content)
        for given in ([], ["--format", name]):
            done = doorward(state, "import", *options, *given, path)
            checks.check(f"{name}, bad file {number}{' with --format' * bool(given)}: lines "
                         f"{list(expected)}", done.status == 1
                         and wrong_lines(path, expected, done.errors), "\n".join(done.errors))
    checks.check("bad files leave everything as it was", exported(state) == before, "")
    many = write(state, "many", 'name,role\n' + 31 * "worker,x\n")
    done = doorward(state, "import", many)
    checks.check("twenty lines that are wrong are told", len(done.errors) == 22
                 and done.errors[19] == f"{many}:21: {ROLES}" and done.errors[20] == "and 11 more"
                 and done.errors[21] == "31 lines are wrong; nothing was imported",
                 f"{len(done.errors)}: {done.errors[-3:]}")


def check_good(checks, place):
    for number, (name, content, options, expected) in enumerate(GOOD):
        state = place.state(f"good{number}")
        path = write(state, "good", content)
        before = exported(state)
        dry = doorward(state, "import", "--dry-run", "--json", *options, path)
        said = json.loads(dry.output or "{}")
        checks.check(f"{name}, good file {number}: a dry run says what it would do",
                     dry.status == 0 and said.get("format") == name and said.get("dry_run") is True
                     and said.get("account") == len(expected), str(dry))
        checks.check(f"{name}, good file {number}: a dry run writes nothing",
                     exported(state) == before and not accounts(state), "")
        done = doorward(state, "import", *options, "-", stdin=content)
        checks.check(f"{name}, good file {number}: imported from standard input",
                     done.status == 0 and accounts(state) == expected, f"{done} {accounts(state)}")
        checks.check(f"{name}, good file {number}: all is well", is_well(state), str(verify(state)))
        again = doorward(state, "import", *options, path)
        checks.check(f"{name}, good file {number}: a second time is refused",
                     again.status == 1 and "is there already" in again.errors[0]
                     and len(again.errors) == len(expected) + 1, str(again))


def check_options(checks, state):
    path = write(state, "one", '{"name":"worker"}\n')
    for options, why in ((["--role", "root"], ROLES), (["--org", "Nowhere", "--role", "backend"],
                                                       "there is no organization Nowhere"),
                         (["--format", "xml"], "the format is one of export, jsonl, csv, htpasswd")):
        done = doorward(state, "import", *options, path)
        checks.check(f"import {' '.join(options)}: {why}",
                     done.status == (1 if why.startswith("there is") else 2)
                     and done.errors == [why], str(done))
    empty = doorward(state, "import", "-", stdin="\n")
    checks.check("an empty file is no import", empty.status == 1
                 and empty.errors == ["there is nothing in the file"], str(empty))
    state.admin("org", "add", "Second", "--email", "second@example.com", password=PASSWORD)
    done = doorward(state, "import", "--role", "backend", path)
    checks.check("of several organizations one must be named", done.status == 1
                 and done.errors == ["there are several organizations: say which with --org"],
                 str(done))
    done = doorward(state, "import", "--role", "backend", "--org", "Second", path)
    listed = json.loads(state.admin("account", "list", "--org", "Second", "--json"))
    checks.check("and gets the accounts", done.status == 0
                 and "worker" in [account["login"] for account in listed], str(done))


def check_hashes(checks, place):
    """Each kind of hash logs in, is replaced by a new one at that, and logs in again."""
    state = place.state("hashes", password_cost=2)
    kinds = {"bcrypt": ("$2y$", 4), "sha512crypt": ("$6$", 1000), "yescrypt": ("$y$", 1)}
    hashes = {name: hash_of(place, *kind, PASSWORD) for name, kind in kinds.items()}
    lines = "".join(f"{name}:{hashed}\n" for name, hashed in hashes.items())
    done = doorward(state, "import", "--role", "backend", "-", stdin=lines)
    checks.check("hashes of three kinds are imported", done.status == 0, str(done))
    server = state.serve(2)
    with Client(server.port) as client:
        for name, old in hashes.items():
            wrong = client.call("POST", "/login/service/", {"name": name, "password": "another one"})
            checks.check(f"{name}: a wrong password does not log in", wrong.status == 401, str(wrong))
            first = client.call("POST", "/login/service/", {"name": name, "password": PASSWORD})
            checks.check(f"{name}: the old password logs in", first.status == 200, str(first))
            now = next(record["password"] for record in map(json.loads,
                       table(state, "account").values()) if record["login"] == name)
            checks.check(f"{name}: its hash is replaced", now.startswith("$y$j8") and now != old,
                         now[:12])
            again = client.call("POST", "/login/service/", {"name": name, "password": PASSWORD})
            checks.check(f"{name}: and the password still logs in", again.status == 200, str(again))
    server.stop()


def run(checks, place):
    state = place.state("formats")
    check_bad(checks, state)
    check_options(checks, state)
    check_good(checks, place)
    check_hashes(checks, place)
