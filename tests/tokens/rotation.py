"""Keys come and go under load: from HS256 to ES256, to a new key, to one of jose's making, and back. Nobody
is refused, neither by us nor by a program that keeps the list of public keys for as long as it may."""

import json
import threading
import time

import jwt
from harness import Client, wait_until
from jose import Refused

CLIENTS = 4
MAX_AGE = 1
LIFETIME = 6
MARGIN = 10  # what rotation.c adds to each
PASSWORD = "a password"


class Load:
    """Clients that log in, renew, show their tokens to us and to jose, and count what comes of it."""

    def __init__(self, server, jose):
        self.server, self.jose = server, jose
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.requests = self.verified = 0
        self.refused = []
        self.first, self.last = {}, {}  # when a key was first and last seen in a new token
        self.threads = [threading.Thread(target=self._run, args=(name,))
                        for name in (f"client-{i}" for i in range(CLIENTS))]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _call(self, client, path, body, token=None):
        answer = client.call("POST", path, body, token)
        with self.lock:
            self.requests += 1
            if answer.status != 200:
                self.refused.append(f"{path}: {answer}")
        return answer.body or {}

    def _take(self, token):
        """A new token: which key signed it, and whether jose takes it."""
        header = jwt.get_unverified_header(token)
        with self.lock:
            self.first.setdefault(header["kid"], time.time())
            self.last[header["kid"]] = time.time()
        if header["alg"] != "ES256":
            return
        try:
            self.jose.ask("verify", token=token, issuer="doorward", maxAge=MAX_AGE,
                          url=f"http://127.0.0.1:{self.server.port}/.well-known/jwks.json")
            with self.lock:
                self.verified += 1
        except Refused as error:
            with self.lock:
                self.refused.append(f"jose: {header}: {error}")

    def _run(self, name):
        login = {"name": name, "password": PASSWORD}
        with Client(self.server.port) as client:
            while not self.stopping.is_set():
                answer = self._call(client, "/login/service/", login)
                tokens, end = [], time.monotonic() + LIFETIME - 4
                while answer and time.monotonic() < end:
                    tokens.append(answer["token"])
                    self._take(tokens[-1])
                    for token in {tokens[0], tokens[-1]}:
                        self._call(client, "/login/jwt/", {}, token)
                    answer = self._call(client, "/login/refresh-token/",
                                        {"refresh_token": answer["refresh_token"]})


class Ring:
    """The keys of a state directory and what is said of them."""

    def __init__(self, state, server):
        self.state, self.server = state, server

    def listed(self):
        with Client(self.server.port) as client:
            return [key["kid"] for key in client.want("GET", "/.well-known/jwks.json")["keys"]]

    def switch(self, old, new):
        with open(self.state.conf, encoding="utf-8") as conf:
            text = conf.read()
        with open(self.state.conf, "w", encoding="utf-8") as conf:
            conf.write(text.replace(f"algorithm = {old}", f"algorithm = {new}"))
        self.state.admin("key", "rotate")


def signs(load, kid, seconds):
    return wait_until(lambda: load.first.get(kid), f"the key {kid} signs", seconds)


def check_waits(checks, load, ring, kid, since):
    """A key that was just added: it is listed at once, and signs when all can know it."""
    checks.check(f"{kid} is listed at once", kid in ring.listed())
    waited = signs(load, kid, MAX_AGE + 2 * MARGIN) - since
    checks.check(f"{kid} waits for others to know it", waited >= MAX_AGE, waited)


def check_leaves(checks, load, ring, kid):
    """A key that was followed by another: it stays listed while what it signed is good."""
    checks.check(f"{kid} is listed when the next one signs", kid in ring.listed())
    wait_until(lambda: kid not in ring.listed(), f"{kid} leaves", LIFETIME + 2 * MARGIN)
    stayed = time.time() - load.last[kid]
    checks.check(f"{kid} stays while what it signed is good", stayed >= LIFETIME, stayed)


def run(checks, place, jose):
    state = place.state("rotation", token_algorithm="HS256", token_jwt_lifetime=LIFETIME,
                        token_jwks_max_age=MAX_AGE)
    server = state.serve(3)
    ring = Ring(state, server)
    with Client(server.port) as client:
        root = client.login_root()
        for i in range(CLIENTS):
            client.want("POST", "/accounts/service/", {"name": f"client-{i}", "password": PASSWORD,
                                                       "role": "backend"}, root)
    with Load(server, jose) as load:
        wait_until(lambda: load.first, "the first login")
        checks.check("nothing is listed under HS256", ring.listed() == [])
        ring.switch("HS256", "ES256")
        first, = ring.listed()
        signs(load, first, 5)

        since = time.time()
        state.admin("key", "rotate")
        second = ring.listed()[-1]
        check_waits(checks, load, ring, second, since)

        since = time.time()
        state.admin("key", "import", "-", password=json.dumps(jose.ask("generate", form="jwk")))
        check_waits(checks, load, ring, "of-jose", since)
        check_leaves(checks, load, ring, first)

        known = set(load.first)
        ring.switch("ES256", "HS256")
        wait_until(lambda: set(load.first) - known, "HS256 again")
        check_leaves(checks, load, ring, "of-jose")
        checks.check("nothing is listed after all", ring.listed() == [])
    checks.check(f"none of {load.requests} requests was refused, and jose took {load.verified} tokens",
                 load.requests > 1000 and load.verified > 300 and not load.refused,
                 f"{len(load.refused)}: {load.refused[:3]}")
    checks.check("five keys have signed", len(load.first) == 5, load.first)
    server.stop()
