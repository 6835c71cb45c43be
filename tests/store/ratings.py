"""Sixteen writers of ratings, on one user and on many, then while responders are killed: what is counted
is what is there, no acknowledged rating is lost, and of a database that is deleted meanwhile nothing is
left in the end."""

import json
import os
import random
import threading

from crash import Killer
from harness import Client, wait_until

PASSWORD = "quite a long password"
WRITERS = 16
READERS = 2
RESPONDERS = 8
STEPS = 60           # of each writer, where nobody is killed
KILLS = min(int(os.environ.get("KILLS", "200")), 40)
# Seconds between kills at least. All writers wait for their turn here, and so does who asks for the 503
# to what a dead responder was to answer: see crash.py.
PAUSE = 0.4
ITEMS = 40           # of each writer: few, so that ratings are replaced and deleted
BULK = 25            # ratings in one list


class Writer(threading.Thread):
    """Writes and deletes ratings of items that no other writer touches, so that it knows what must be
    there: of each pair the values that are possible, which is more than one after a 503."""

    def __init__(self, load, number):
        super().__init__(name=f"writer {number}")
        self.load = load
        self.number = number
        self.random = random.Random(number)
        self.possible = {}   # (user, item): the ratings it may have; None is to have none
        self.acknowledged = 0
        self.wrong = []

    def run(self):
        with Client(self.load.port, timeout=30) as self.client:
            for _ in range(self.load.steps):
                if self.load.stopping.is_set():
                    return
                self.random.choice((self.put, self.put, self.put, self.delete, self.put_many))()

    def pair(self):
        user = 1 if self.load.one_user else self.random.randrange(1, 6) * 100 + self.number
        return user, self.number * ITEMS + self.random.randrange(ITEMS)

    def call(self, method, path, changes, body=None):
        """changes: {pair: rating, or None to have none}"""
        try:
            answer = self.client.call(method, path, body, self.load.token)
        except Exception as error:  # whatever breaks is what this test looks for
            self.wrong.append(f"{method} {path}: {error!r}")
            return
        name = answer.body and answer.body.get("error_data", {}).get("name")
        if answer.status == 200 or (method == "DELETE" and name == "USER_RATING_NOT_FOUND"):
            self.acknowledged += 1
            self.possible.update({pair: {rating} for pair, rating in changes.items()})
        elif answer.is_unavailable():
            for pair, rating in changes.items():
                self.possible.setdefault(pair, {None}).add(rating)
        elif name == "DATABASE_NOT_FOUND" and self.load.may_vanish:
            return
        else:
            self.wrong.append(f"{method} {path}: {answer}")

    def put(self):
        user, item = self.pair()
        rating = self.random.randrange(10, 101) / 10
        self.call("PUT", f"/users/{user}/ratings/{item}/", {(user, item): rating},
                  {"rating": rating})

    def put_many(self):
        changes = {self.pair(): self.random.randrange(10, 101) / 10 for _ in range(BULK)}
        self.call("PUT", "/ratings-bulk/", changes,
                  {"ratings": [{"user_id": user, "item_id": item, "rating": rating}
                               for (user, item), rating in changes.items()]})

    def delete(self):
        user, item = self.pair()
        self.call("DELETE", f"/users/{user}/ratings/{item}/", {(user, item): None})


class Load:
    """The writers, and readers beside them that must never fail."""

    def __init__(self, port, token, steps=10 ** 9, one_user=False, may_vanish=False):
        self.port, self.token, self.steps = port, token, steps
        self.one_user, self.may_vanish = one_user, may_vanish
        self.stopping = threading.Event()
        self.writers = [Writer(self, number) for number in range(WRITERS)]
        self.readers = [threading.Thread(target=self.read) for _ in range(READERS)]
        self.unread = []

    def read(self):
        with Client(self.port, timeout=30) as client:
            while not self.stopping.is_set():
                try:
                    answer = client.call("GET", "/users/1/ratings/?amt=64", token=self.token)
                except Exception as error:
                    self.unread.append(repr(error))
                    continue
                gone = self.may_vanish and answer.status == 404
                if answer.status != 200 and not answer.is_unavailable() and not gone:
                    self.unread.append(str(answer))

    def __enter__(self):
        for thread in self.writers + self.readers:
            thread.start()
        return self

    def __exit__(self, *_):
        if self.steps >= 10 ** 9:
            self.stopping.set()
        for thread in self.writers:
            thread.join()
        self.stopping.set()
        for thread in self.readers:
            thread.join()

    def wrong(self):
        return [what for writer in self.writers for what in writer.wrong] + self.unread

    def acknowledged(self):
        return sum(writer.acknowledged for writer in self.writers)

    def impossible(self, there):
        """Pairs whose rating is none that it may have."""
        return [(pair, there.get(pair), ratings) for writer in self.writers
                for pair, ratings in writer.possible.items() if there.get(pair) not in ratings]


def create(client, root, name):
    """A database; returns a backend's token for it."""
    client.want("POST", "/databases/",
                {"name": name, "item_id_type": "uint32", "user_id_type": "uint32"}, root)
    return client.login_service("backend", PASSWORD, db_name=name)["token"]


def all_ratings(client, token):
    """{(user, item): rating}, page by page."""
    there, cursor = {}, ""
    while True:
        page = client.want("GET", f"/ratings-bulk/?amt=500{cursor}", token=token)
        there.update({(row["user_id"], row["item_id"]): row["rating"] for row in page["ratings"]})
        if not page["has_next"]:
            return there
        cursor = f"&cursor={page['next_cursor']}"


def check_counts(checks, what, state, client, token):
    """Counters, statuses and verify against what is there; returns that."""
    there = all_ratings(client, token)
    counters = client.want("GET", "/databases/current/", token=token)["counters"]
    found = {"rating": len(there), "user": len({user for user, _ in there}),
             "item": len({item for _, item in there})}
    checks.check(f"{what}: counters are what is there", counters == found,
                 f"{counters}, but {found}")
    check_verify(checks, what, state)
    return there


def verified(state):
    return json.loads(state.admin("verify", "--json"))


def check_verify(checks, what, state):
    try:
        found = verified(state)
        checks.check(f"{what}: verify finds nothing wrong", found["wrong"] == 0, str(found))
    except RuntimeError as error:
        checks.check(f"{what}: verify finds nothing wrong", False, str(error))


def check_load(checks, what, load, there, least):
    wrong, impossible = load.wrong(), load.impossible(there)
    checks.check(f"{what}: every answer is a success or the contract's 503", not wrong,
                 f"{len(wrong)} others: {wrong[:3]}")
    checks.check(f"{what}: no acknowledged rating is lost",
                 not impossible and load.acknowledged() >= least,
                 f"{len(impossible)} of {load.acknowledged()}: {impossible[:3]}")


def peaceful(checks, state, server, client, root, one_user):
    what = "one user" if one_user else "many users"
    token = create(client, root, what)
    with Load(server.port, token, STEPS, one_user) as load:
        pass
    there = check_counts(checks, what, state, client, token)
    check_load(checks, what, load, there, WRITERS * STEPS)


def killed(checks, state, server, client, root):
    token = create(client, root, "killed")
    with Load(server.port, token) as load:
        killer = Killer(server, PAUSE)
        killer.kill(KILLS)
    print(f"        crash: {len(killer.killed)} kills, {load.acknowledged()} acknowledged",
          flush=True)
    there = check_counts(checks, "killed", state, client, token)
    check_load(checks, "killed", load, there, KILLS)


def deleted(checks, state, server, client, root):
    token, other = create(client, root, "deleted"), create(client, root, "other")
    client.want("PUT", "/ratings-bulk/", {"ratings": [
        {"user_id": i % 97, "item_id": i, "rating": 5} for i in range(8000)]}, token)
    with Load(server.port, token, may_vanish=True) as load:
        killer = Killer(server, PAUSE)
        killer.kill(3)
        state.admin("database", "delete", "other")  # no rows, and so nothing to wait for
        manager = client.login_service("manager", PASSWORD, db_name="deleted")["token"]
        wait_until(lambda: client.call("DELETE", "/databases/current/", token=manager).status
                   in (200, 404), "the database to be deleted")
        killer.kill(KILLS // 4)
    wrong = load.wrong()
    checks.check("deleted: every answer is a success, the contract's 503, or that it is gone",
                 not wrong, f"{len(wrong)} others: {wrong[:3]}")
    checks.check("deleted: it is gone",
                 client.call("GET", "/users/1/ratings/", token=token).status == 404)
    checks.check("deleted: and so is the other",
                 client.call("GET", "/users/1/ratings/", token=other).status == 404)
    last = create(client, root, "last")
    for item in range(200):
        client.want("PUT", f"/users/1/ratings/{item}/", {"rating": 1}, last)
    found = verified(state)
    checks.check("deleted: nothing of it is left",
                 found["trash"] == 0 and found["to_be_swept"] == 0 and found["wrong"] == 0,
                 str(found))


def run(checks, place):
    state = place.state("ratings", token_jwt_lifetime=3600)
    server = state.serve(RESPONDERS)
    with Client(server.port) as client:
        root = client.login_root()
        for role in ("backend", "manager"):
            client.want("POST", "/accounts/service/",
                        {"name": role, "password": PASSWORD, "role": role}, root)
        peaceful(checks, state, server, client, root, True)
        peaceful(checks, state, server, client, root, False)
        killed(checks, state, server, client, root)
        deleted(checks, state, server, client, root)
    server.stop()
