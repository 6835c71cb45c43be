"""Steady load over HTTP by clients that remember what was acknowledged, and the comparison of that with
what the store holds afterwards."""

import itertools
import random
import threading
import time

from harness import Client

PASSWORD = "quite a long password"
WRITERS = 6
READERS = 2


class Ledger:
    """What one client was promised, and what it saw."""

    def __init__(self):
        self.accounts = set()    # names whose creation was acknowledged
        self.deleted = set()     # names whose deletion was acknowledged
        self.undecided = set()   # names of which a 503 left open whether they exist
        self.databases = set()
        self.undecided_databases = set()
        self.sessions = []       # refresh tokens
        self.successes = []      # when, on the monotonic clock
        self.unavailable = 0
        self.wrong = []          # what must not happen: other answers, broken connections


class Worker(threading.Thread):
    """A client that calls again and again until told to stop."""

    def __init__(self, load, name):
        super().__init__(name=name)
        self.load = load
        self.ledger = Ledger()
        self.numbers = itertools.count()
        self.random = random.Random(name)

    def run(self):
        with Client(self.load.port, timeout=20) as self.client:
            while not self.load.stopping.is_set():
                self.step()

    def call(self, method, path, body=None, token=None):
        """True when acknowledged, False when not; the answer's body is in self.body then."""
        try:
            answer = self.client.call(method, path, body, token)
        except Exception as error:  # whatever breaks is what this test looks for
            self.ledger.wrong.append(f"{method} {path}: {error!r}")
            return False
        self.body = answer.body
        if answer.status == 200:
            self.ledger.successes.append(time.monotonic())
            return True
        if answer.is_unavailable():
            self.ledger.unavailable += 1
        else:
            self.ledger.wrong.append(f"{method} {path}: {answer}")
        return False


class Writer(Worker):
    def step(self):
        action = self.random.choices(
            (self.create_account, self.create_database, self.log_in, self.create_and_delete),
            (30, 20, 40, 10))[0]
        action()

    def create_account(self):
        name = f"{self.name} account {next(self.numbers)}"
        if self.call("POST", "/accounts/service/", {"name": name, "password": PASSWORD},
                     self.load.root):
            self.ledger.accounts.add(name)
            return name
        self.ledger.undecided.add(name)
        return None

    def create_database(self):
        name = f"{self.name} database {next(self.numbers)}"
        made = self.call("POST", "/databases/", {"name": name, "item_id_type": "uint32",
                                                 "user_id_type": "uuid"}, self.load.root)
        (self.ledger.databases if made else self.ledger.undecided_databases).add(name)

    def log_in(self):
        if self.call("POST", "/login/service/", {"name": Load.ACCOUNT, "password": PASSWORD}):
            self.ledger.sessions.append(self.body["refresh_token"])

    def create_and_delete(self):
        name = self.create_account()
        if not name:
            return
        self.ledger.accounts.remove(name)
        gone = self.call("DELETE", "/accounts/service/", {"name": name}, self.load.root)
        (self.ledger.deleted if gone else self.ledger.undecided).add(name)


class Reader(Worker):
    def step(self):
        method, path, body, token = self.random.choice((
            ("GET", "/databases/?amt=10", None, self.load.root),
            ("POST", "/login/jwt/", None, self.load.session["token"]),
            ("POST", "/login/refresh-token/",
             {"refresh_token": self.load.session["refresh_token"]}, None),
            ("GET", "/health", None, None)))
        self.call(method, path, body, token)


class Load:
    """Writers and readers on one server."""

    ACCOUNT = "the one that logs in"

    def __init__(self, port):
        self.port = port
        self.stopping = threading.Event()
        with Client(port) as client:
            self.root = client.login_root()
            client.want("POST", "/accounts/service/",
                        {"name": self.ACCOUNT, "password": PASSWORD, "role": "backend"}, self.root)
            self.session = client.login_service(self.ACCOUNT, PASSWORD)
        self.workers = ([Writer(self, f"writer {i}") for i in range(WRITERS)]
                        + [Reader(self, f"reader {i}") for i in range(READERS)])

    def __enter__(self):
        self.started = time.monotonic()
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for worker in self.workers:
            worker.join()
        self.ended = time.monotonic()

    def ledgers(self):
        return [worker.ledger for worker in self.workers]

    def wrong(self):
        return [line for ledger in self.ledgers() for line in ledger.wrong]

    def unavailable(self):
        return sum(ledger.unavailable for ledger in self.ledgers())

    def successes(self):
        return sum(len(ledger.successes) for ledger in self.ledgers())

    def acknowledged(self):
        """The number of acknowledged writes."""
        return sum(len(ledger.accounts) + len(ledger.databases) + len(ledger.sessions)
                   + 2 * len(ledger.deleted) for ledger in self.ledgers())

    def longest_gap(self):
        """The longest time, in seconds, in which no client had any success."""
        times = sorted(itertools.chain([self.started, self.ended],
                                       *(ledger.successes for ledger in self.ledgers())))
        return max(later - earlier for earlier, later in zip(times, times[1:]))

    def summary(self, lost):
        return (f"{self.acknowledged()} acknowledged, {len(lost)} lost, {self.unavailable()} 503s of "
                f"{self.successes() + self.unavailable()} answers, longest gap without a success "
                f"{self.longest_gap():.2f} s")

    def compare(self, port):
        """Looks at the store through the API. Returns (the acknowledged writes that are lost, the
        things there that nobody asked for)."""
        with Client(port) as client:
            listed = client.want("GET", "/organizations/current/accounts/", token=self.root)
            accounts = {account["name"] for account in listed["service_accounts"]}
            databases = set(list_databases(client, self.root))
            lost, invented = [], []
            for ledger in self.ledgers():
                lost += ledger.accounts - accounts
                lost += (f"deletion of {name}" for name in ledger.deleted & accounts)
                lost += ledger.databases - databases
                lost += [f"session {token}" for token in ledger.sessions if not renews(client, token)]
            asked = set().union([self.ACCOUNT], *(ledger.accounts | ledger.undecided
                                                  for ledger in self.ledgers()))
            asked_databases = set().union(*(ledger.databases | ledger.undecided_databases
                                            for ledger in self.ledgers()))
            invented += accounts - asked
            invented += databases - asked_databases
        return lost, invented


def list_databases(client, token):
    page = 1
    while page:
        listed = client.want("GET", f"/databases/?page={page}", token=token)
        yield from (database["name"] for database in listed["databases"])
        page = listed["next_page"] if listed["has_next"] else None


def renews(client, refresh_token):
    return client.call("POST", "/login/refresh-token/",
                       {"refresh_token": refresh_token}).status == 200
