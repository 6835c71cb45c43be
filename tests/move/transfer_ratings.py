"""Ratings: as CSV in and out, in an export of the whole store, and counted in the end whatever became of
the import that brought them."""

import hashlib
import json
import os
import signal

from harness import wait_until
from lib import Bare, is_well, run as doorward, start, table, verify, write

MANY = 40_000
USER, ITEM = "the user_id is not of the database's type", "the item_id is not of the database's type"
RATING = "the rating is not a number from 1 to 10"
TIME = "the timestamp is not a time in seconds since the epoch"
FIELDS = "there are not as many fields as columns"

# What is in the file, and the lines that are wrong with what is said of them.
BAD = [
    ("user_id,item_id,rating,timestamp\n1,a,5,\n-1,a,5,\n1,b/c,5,\n1,c,0.9,\n1,c,10.1,\n1,c,,\n"
     "1,c,1e1,\n1,c,0x5,\n1,c,5,-1\n1,c,5,x\n1,c,5\n1,c,5,1,1\n,c,5,\n4294967296,c,5,\n\n1,d,5,\n",
     {3: USER, 4: ITEM, 5: RATING, 6: RATING, 7: RATING, 8: RATING, 9: RATING, 10: TIME, 11: TIME,
      12: FIELDS, 13: FIELDS, 14: USER, 15: USER}),
    ('user_id,item_id,rating\n1,"a,5\n2,b,5\n3,b"c,5\n4,d,11\n5,e,5\n',
     {2: "a quoted field has no end", 4: "", 5: RATING}),
    (f"user_id,item_id,rating\n1,{200 * 'a'},5\n1,a\0b,5\n",
     {2: "a field is longer than any of these can be", 3: "a field is longer than any of these can be"}),
]

# What is in the file, and why it is no use as a whole.
UNUSABLE = [
    ("", "there is nothing in the file"),
    ("\n\n", "there is nothing in the file"),
    ("user_id,item_id\n1,a\n", "the column rating is missing"),
    ("user_id,item_id,rating,shoe_size\n", 'there is no column "shoe_size"'),
    ("user_id,item_id,rating,user_id\n", "the column user_id is there twice"),
    ("user_id,item_id,rating,timestamp,x\n", "there are more columns than can be"),
    ('"user_id,item_id,rating\n', "line 1: a quoted field has no end"),
]


def add_database(state, name):
    state.admin("database", "add", name, "--item-id-type", "urlsafe8", "--user-id-type", "uint32")


def shown(state, name):
    return json.loads(state.admin("database", "show", name, "--json"))


def csv_of(state, name):
    return state.admin("rating", "export", name).splitlines()


def check_bad(checks, state):
    for number, (content, wrong) in enumerate(BAD):
        path = write(state, "bad.csv", content)
        done = doorward(state, "rating", "import", "shop", path)
        said = {}
        for line in done.errors[:-1]:
            where, what = line.removeprefix(f"{path}:").split(": ", 1)
            said[int(where)] = what
        good = said.keys() == wrong.keys() and all(what in said[at] for at, what in wrong.items())
        checks.check(f"bad file {number}: each wrong line is named", done.status == 1 and good,
                     f"{said}, {done}")
    for content, why in UNUSABLE:
        done = doorward(state, "rating", "import", "shop", write(state, "bad.csv", content))
        checks.check(f"a file is refused: {why}", done.status == 1 and done.errors == [why],
                     str(done))
    checks.check("nothing was written", not table(state, "rating"), "")


def check_good(checks, state):
    path = write(state, "good.csv",
                 '\ufefftimestamp,rating,item_id,user_id\r\n1.5,7.25,"a",0042\r\n'
                 '2,10,b,42\r\n\r\n3,1,a,7\r\n4,2.5,a,7')
    done = doorward(state, "rating", "import", "shop", path, "--dry-run", "--json")
    checks.check("a dry run counts", done.status == 0
                 and json.loads(done.output) == {"dry_run": True, "ratings": 4}, str(done))
    checks.check("and writes nothing", not table(state, "rating"), "")
    done = doorward(state, "rating", "import", "shop", path)
    found = shown(state, "shop")
    checks.check("a later line replaces an earlier one, and it is counted", done.status == 0
                 and (found["ratings"], found["users"], found["items"]) == (3, 2, 2)
                 and found["status"] == "ready" and found["bytes"] > 0, f"{done}, {found}")
    wanted = ["user_id,item_id,rating,timestamp", "42,a,7.25,1.500000", "42,b,10,2.000000",
              "7,a,2.5,4.000000"]
    checks.check("an export has what was imported", csv_of(state, "shop") == wanted,
                 str(csv_of(state, "shop")))
    out = os.path.join(state.directory, "out.csv")
    done = doorward(state, "rating", "export", "shop", out)
    again = doorward(state, "rating", "export", "shop", out)
    with open(out, encoding="utf-8") as file:
        checks.check("to a new file only", done.status == 0 and file.read().splitlines() == wanted
                     and os.stat(out).st_mode & 0o777 == 0o600 and again.status == 1
                     and "File exists" in again.errors[-1], f"{done}, {again}")
    add_database(state, "twin")
    doorward(state, "rating", "import", "twin", out)
    checks.check("what was exported can be imported", csv_of(state, "twin") == wanted, "")
    checks.check("and all is well", is_well(state), str(verify(state)))


def check_killed(checks, state):
    """It may leave some; run again, it does the rest."""
    add_database(state, "large")
    path = write(state, "large.csv", "user_id,item_id,rating,timestamp\n" + "".join(
        f"{i * 7919 % 500},i{i * 104729 % MANY},{1 + i % 10},{i}\n" for i in range(MANY)))
    process = start(state, "rating", "import", "large", path)
    wait_until(lambda: process.poll() is not None or shown(state, "large")["ratings"] > 0,
               "the import to write")
    process.kill()
    process.communicate()
    left = shown(state, "large")["ratings"]
    checks.check("an import is killed in the middle", process.returncode == -signal.SIGKILL
                 and 0 < left < MANY, f"{left} ratings, {process.returncode}")
    checks.check("what it leaves is well", is_well(state), str(verify(state)))
    done = doorward(state, "rating", "import", "large", path)
    checks.check("run again it does the rest", done.status == 0
                 and shown(state, "large")["ratings"] == MANY and is_well(state), str(done))


def check_store(checks, place, state):
    """The whole store moves, and an import that does not come to its end leaves no counts."""
    path = os.path.join(state.directory, "all.jsonl")
    state.admin("export", path)
    copy = Bare(place, "ratings-copy")
    done = doorward(copy, "import", path)
    names = ("rating", "rating-item", "rating-user", "item", "database-count", "database-name")
    checks.check("an import of an export counts as the original", done.status == 0 and all(
        table(copy, name) == table(state, name) for name in names), str(done))
    checks.check("and all is well there", is_well(copy), str(verify(copy)))
    broken = Bare(place, "ratings-broken")
    process = start(broken, "import", path)
    journal = os.path.join(broken.directory, "import.journal")
    wait_until(lambda: process.poll() is not None
               or os.path.exists(journal) and os.path.getsize(journal) > 300_000,
               "the import to write ratings")
    process.kill()
    process.communicate()
    status, said = verify(broken, "--repair")
    checks.check("one that was killed is undone", process.returncode == -signal.SIGKILL
                 and status == 0 and said["mended"] == 1, str(said))
    checks.check("with all that was counted", not any(
        table(broken, name) for name in (*names, "trash")), "")
    done = doorward(broken, "import", path)
    checks.check("and comes whole another time", done.status == 0 and is_well(broken) and all(
        table(broken, name) == table(state, name) for name in names), str(done))
    for number in range(3):  # each removes some rows of deleted databases on the way
        add_database(broken, f"another {number}")
    checks.check("and stays", shown(broken, "large")["ratings"] == MANY, "")


def check_old_export(checks, place):
    """An export of before said of each database whether it is ready, though its last rating was gone."""
    state = place.state("ratings-old")
    add_database(state, "empty")
    add_database(state, "rated")
    doorward(state, "rating", "import", "rated",
             write(state, "one.csv", "user_id,item_id,rating\n1,a,5\n"))
    lines = doorward(state, "export").output.splitlines()
    rows = [json.loads(line) for line in lines]
    databases = [row for row in rows if row.get("table") == "database"]
    checks.check("an export does not say of a database that it is ready", len(databases) == 2
                 and not any("ready" in row["record"] for row in databases), str(databases))
    for row in databases:
        row["record"]["ready"] = True
    text = "".join(json.dumps(row) + "\n" for row in rows[:-1])
    rows[-1]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    copy = Bare(place, "ratings-old-copy")
    done = doorward(copy, "import", write(copy, "old.jsonl", text + json.dumps(rows[-1]) + "\n"))
    checks.check("one that does is taken, and the ratings decide", done.status == 0
                 and shown(copy, "empty")["status"] == "pending"
                 and shown(copy, "rated")["status"] == "ready" and is_well(copy), str(done))


def check_delete(checks, state):
    done = doorward(state, "database", "delete", "large")
    rows = sum(len(table(state, name)) for name in ("rating", "rating-item", "item"))
    checks.check("the command deletes a database with all that is in it",
                 done.status == 0 and not table(state, "trash") and rows < 20, f"{done}, {rows}")
    checks.check("and all is well", is_well(state), str(verify(state)))


def run(checks, place):
    state = place.state("ratings")
    add_database(state, "shop")
    check_bad(checks, state)
    check_good(checks, state)
    check_killed(checks, state)
    check_store(checks, place, state)
    check_old_export(checks, place)
    check_delete(checks, state)
