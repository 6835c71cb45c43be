"""A hundred thousand requests of all kinds through one responder, whose memory and files stay as they
are after the first twenty thousand. Every answer's status and error is checked on the way."""

import base64
import hashlib
import hmac
import json
import os
import random
import time

from fcgi import Connection, Responder
from harness import Footprint, ROOT_EMAIL, ROOT_PASSWORD

REQUESTS = int(os.environ.get("REQUESTS", "100000"))
WARM_UP = REQUESTS // 5
PER_CONNECTION = 500
PASSWORD = "quite a long password"
JSON = "application/json"
OWN_SLACK = 128       # KiB that the process's own memory may grow by: one byte a request is 78
RESIDENT_SLACK = 512  # KiB, with the store's cache (1 MiB), which is full after the warm-up


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Forger:
    """Makes JWTs out of a good one, with the key ring's own secret where a case needs that."""

    def __init__(self, state, good):
        self.good = good
        header, claims, self.signature = good.split(".")
        self.header, self.claims = json.loads(decode(header)), json.loads(decode(claims))
        with open(os.path.join(state.directory, "keys.json"), encoding="utf-8") as ring:
            secrets = {key["kid"]: key["secret"] for key in json.load(ring)["keys"]}
        self.secret = decode(secrets[self.header["kid"]])

    def make(self, header=None, without=(), **claims):
        head = encode(json.dumps({**self.header, **(header or {})}).encode())
        kept = {name: value for name, value in {**self.claims, **claims}.items()
                if name not in without}
        signed = f"{head}.{encode(json.dumps(kept).encode())}"
        return f"{signed}.{encode(hmac.digest(self.secret, signed.encode(), hashlib.sha256))}"

    def other_claims(self):
        """Another role under the good signature."""
        head, _, _ = self.good.split(".")
        return f"{head}.{encode(json.dumps({**self.claims, 'role': 'root'}).encode())}.{self.signature}"

    def unsigned(self):
        head = encode(json.dumps({"alg": "none", "typ": "JWT"}).encode())
        return f"{head}.{encode(json.dumps(self.claims).encode())}."


class Requests:
    """The kinds of request, and what each must be answered."""

    def __init__(self, state, socket_path):
        self.socket_path = socket_path
        self.connection = Connection(socket_path)
        self.made = 0
        self.letters = 0
        self.wrong = []
        self._create_accounts()
        self.forger = Forger(state, self.manager["token"])
        self.ended = self._login("manager")["token"]
        self.send("POST", "/login/logout/", 200, token=self.ended)
        self.kinds = self._kinds()

    def _create_accounts(self):
        self.root = self.send("POST", "/login/root/", 200,
                              {"email": ROOT_EMAIL, "password": ROOT_PASSWORD}).body["token"]
        for role in ("manager", "backend", "frontend"):
            self.send("POST", "/accounts/service/", 200,
                      {"name": role, "password": PASSWORD, "role": role}, self.root)
        self.send("POST", "/databases/", 200, {"name": "shop", "item_id_type": "uint32",
                                               "user_id_type": "uuid"}, self.root)
        self.send("POST", "/accounts/individual/", 200,
                  {"email": "unverified@example.com", "password": PASSWORD}, self.root)
        self.manager = self._login("manager")
        self.backend = self._login("backend", db_name="shop")
        self.frontend = self._login("frontend", db_name="shop", frontend_user_id=
                                    "123e4567-e89b-12d3-a456-426614174000")

    def _login(self, name, **selection):
        return self.send("POST", "/login/service/", 200,
                         {"name": name, "password": PASSWORD, **selection}).body

    def send(self, method, path, status, body=b"", token=None, error=None, content_type=JSON):
        """One request; a wrong answer is noted."""
        if self.made and self.made % PER_CONNECTION == 0:
            self.connection.close()
            self.connection = Connection(self.socket_path)
        self.made += 1
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        answer = self.connection.call(method, path, body, content_type if body else None,
                                      f"Bearer {token}" if token is not None else None)
        if answer.status != status or answer.error != error:
            self.wrong.append(f"{method} {path} {body[:80]!r}: wanted {status} {error}, got {answer}")
        return answer

    def _kinds(self):
        """(how often, what), where what is the arguments of send() or a function."""
        return (self._reads() + self._tokens() + self._bodies() + self._fields() + self._paths()
                + [(3, self.account_and_back), (3, self.database_and_back), (2, self.session_and_back),
                   (2, self.key_and_back), (2, self.letter)])

    def _reads(self):
        manager, backend = self.manager["token"], self.backend["token"]
        return [
            (2, ("GET", "/", 200)),
            (4, ("GET", "/v1/health", 200)),
            (2, ("HEAD", "/health", 200)),
            (8, ("POST", "/login/jwt/", 200, b"", manager)),
            (8, ("POST", "/login/jwt/", 200, b"", self.frontend["token"])),
            (8, ("POST", "/login/refresh-token/", 200,
                 {"refresh_token": self.backend["refresh_token"]})),
            (4, ("GET", "/databases/", 200, b"", manager)),
            (4, ("GET", "/databases/current/", 200, b"", backend)),
            (4, ("GET", "/databases/current/status/", 200, b"", self.frontend["token"])),
            (4, ("GET", "/organizations/current/accounts/", 200, b"", manager)),
        ]

    def _tokens(self):
        """Bad bearer and refresh tokens, and good ones of the wrong role."""
        make = self.forger.make
        good = self.backend["refresh_token"]
        bad_jwts = ["", "null", "x", "a.b.c", self.manager["token"][:-1],
                    self.manager["token"] + ".x", self.forger.other_claims(), self.forger.unsigned(),
                    make({"kid": "nobody"}), make({"alg": "HS512"}), make(without=("sub",)),
                    make(without=("exp",)), make(sid="A" * 22), make(iss="someone"), self.ended]
        expired = make(exp=int(time.time()) - 1)
        bad_refresh = ["x", good[:-1], good + "A", "A" * len(good), "\u00e9" * 20]
        accounts = ("POST", "/accounts/service/", 403, {"name": "other", "password": PASSWORD})
        return (
            [(1, ("POST", "/login/jwt/", 401, b"", jwt, "AuthError")) for jwt in bad_jwts]
            + [(1, ("POST", "/login/jwt/", 401, b"", None, "AuthError")),
               (2, ("POST", "/login/jwt/", 401, b"", expired, "JwtTokenExpired"))]
            + [(1, ("POST", "/login/refresh-token/", 401, {"refresh_token": token}, None,
                    "AuthError")) for token in bad_refresh]
            + [(1, (*accounts, self.backend["token"], "ForbiddenError")),
               (1, (*accounts, self.frontend["token"], "ForbiddenError")),
               (1, ("GET", "/databases/", 403, b"", self.frontend["token"], "ForbiddenError")),
               (1, ("GET", "/databases/current/", 400, b"", self.manager["token"], "WrongData"))])

    def _bodies(self):
        """Bodies that are wrong as a whole; no password is ever hashed for them."""
        name = b'{"name": "x", "password": '
        bodies = [b"{", b"[]", b"nonsense", b'"text"', name + b'"' + b"\xff" * 9 + b'"}',
                  name + b'"nul \\u0000 inside"}', name + b"1e999}", name + b"[" * 5000,
                  b'{"name": "x", "name": "y"}']
        return ([(1, ("POST", "/login/service/", 400, body, None, "WrongData")) for body in bodies]
                + [(1, ("POST", "/login/service/", 413, b" " * 70000, None, "WrongData")),
                   (1, ("POST", "/login/service/", 400, b"name=x", None, "WrongData",
                        "application/x-www-form-urlencoded"))])

    def _fields(self):
        """Well-formed bodies with something wrong in them."""
        login, manager = "/login/service/", self.manager["token"]
        individual = {"email": "unverified@example.com", "password": PASSWORD}
        return [
            (1, ("POST", login, 400, {}, None, "WrongData")),
            (1, ("POST", login, 400, {"name": 1, "password": []}, None, "WrongData")),
            (1, ("POST", login, 401, {"name": "backend", "password": "a wrong password"}, None,
                 "AuthError")),
            (1, ("POST", login, 401, {"name": "nobody", "password": PASSWORD}, None, "AuthError")),
            (1, ("POST", "/login/individual/", 401, individual, None, "AuthError")),
            (1, ("POST", login, 404, {"name": "backend", "password": PASSWORD,
                                      "db_name": "none"}, None, "NotFoundError")),
            (1, ("POST", login, 400, {"name": "frontend", "password": PASSWORD}, None, "WrongData")),
            (1, ("POST", login, 400, {"name": "frontend", "password": PASSWORD, "db_name": "shop",
                                      "frontend_user_id": "no uuid"}, None, "WrongData")),
            (1, ("POST", "/accounts/service/", 400, {"name": "backend", "password": PASSWORD},
                 manager, "DuplicatedError")),
            (2, ("POST", "/accounts/service/", 400, {"name": "x", "password": "short"}, manager,
                 "WrongData")),
            (2, ("POST", "/accounts/individual/", 400, {"email": "no address", "role": "root"},
                 manager, "WrongData")),
            (2, ("PATCH", "/accounts/service/", 404, {"name": "nobody", "metadata": {}}, manager,
                 "NotFoundError")),
            (1, ("PATCH", "/accounts/service/", 200, {"name": "frontend", "metadata":
                                                      {"deep": [{"er": [1, 2.5, None]}]}}, manager)),
            (2, ("DELETE", "/accounts/individual/", 403, {"email": ROOT_EMAIL}, manager,
                 "ForbiddenError")),
            (2, ("POST", "/databases/", 400, {"name": "shop", "item_id_type": "uint32",
                                              "user_id_type": "uuid"}, manager, "DuplicatedError")),
            (2, ("POST", "/databases/", 400, {"name": "other", "item_id_type": "uint33"}, manager,
                 "WrongData")),
            (2, ("GET", "/databases/?amt=65&page=x", 400, b"", manager, "WrongData")),
        ]

    def _paths(self):
        return [
            (2, ("GET", "/nowhere/", 404, b"", None, "NotFoundError")),
            (1, ("GET", "/" + "long/" * 500, 404, b"", None, "NotFoundError")),
            (1, ("GET", "/health%00", 400, b"", None, "WrongData")),
            (1, ("GET", "/health%zz", 400, b"", None, "WrongData")),
            (2, ("DELETE", "/login/jwt/", 405, b"", None, "MethodNotAllowed")),
            (1, ("BREW", "/", 405, b"", None, "MethodNotAllowed")),
        ]

    def account_and_back(self):
        manager, name = self.manager["token"], f"passing {self.made}"
        self.send("POST", "/accounts/service/", 200,
                  {"name": name, "password": PASSWORD, "unknown": 1}, manager)
        self.send("DELETE", "/accounts/service/", 200, {"name": name}, manager)

    def database_and_back(self):
        name = f"passing {self.made}"
        self.send("POST", "/databases/", 200, {"name": name, "item_id_type": "hex8", "user_id_type":
                                               "bytes8", "metadata": {"a": [1]}}, self.root)
        session = self._login("manager", db_name=name)
        self.send("DELETE", "/databases/current/", 200, b"", session["token"])

    def session_and_back(self):
        session = self._login("backend", db_name="shop")
        self.send("POST", "/login/refresh-token/", 200, {"refresh_token": session["refresh_token"]})
        self.send("POST", "/login/logout/", 200, b"", session["token"])
        self.send("POST", "/login/refresh-token/", 401,
                  {"refresh_token": session["refresh_token"]}, None, "AuthError")

    def key_and_back(self):
        manager = self.manager["token"]
        key = self.send("POST", "/accounts/service/keys/", 200,
                        {"name": "backend", "metadata": {"a": 1}}, manager).body
        session = self.send("POST", "/login/service/", 200,
                            {"name": "backend", "password": key["key"]}).body
        self.send("POST", "/login/jwt/", 200, b"", session["token"])
        self.send("DELETE", f"/accounts/service/keys/{key['id']}/", 200, b"", manager)
        self.send("DELETE", f"/accounts/service/keys/{key['id']}/", 404, b"", manager,
                  "NotFoundError")
        self.send("POST", "/login/jwt/", 401, b"", session["token"], "AuthError")

    def letter(self):
        """Wrong codes; and now and then a mail, for each of which another process is started."""
        self.letters += 1
        address = {"email": ("unverified", "unknown")[self.letters % 2] + "@example.com"}
        if self.letters % 16 < 2:
            self.send("PUT", "/accounts/resend-verification-code/", 200, address)
        self.send("GET", f"/accounts/verify/?code=x&email={address['email']}", 401, b"",
                  self.backend["token"], "AuthError")
        self.send("POST", "/accounts/individual/reset/", 401,
                  {**address, "code": "x", "new_password": PASSWORD}, None, "AuthError")

    def fill_cache(self):
        """Writes more than the store's cache holds, once, so that all of it is resident."""
        for i in range(40):
            self.send("POST", "/accounts/service/", 200,
                      {"name": f"large {i}", "password": PASSWORD,
                       "metadata": {"filling": "x" * 50_000}}, self.root)
        for i in range(40):
            self.send("DELETE", "/accounts/service/", 200, {"name": f"large {i}"}, self.root)

    def until(self, count):
        """Makes random requests until there were so many in all."""
        chance = random.Random(self.made)
        weights, kinds = zip(*self.kinds)
        while self.made < count:
            for kind in chance.choices(kinds, weights, k=100):
                if callable(kind):
                    kind()
                else:
                    self.send(*kind)


def run(checks, place):
    state = place.state("leak", store_cache=1 << 20, token_jwt_lifetime=3600)
    socket_path = os.path.join(place.directory, "leak.socket")
    with open(os.path.join(place.directory, "leak.log"), "wb") as log:
        responder = Responder(place, place.program("doorward.fcgi"), {"DOORWARD_CONF": state.conf},
                              socket_path, log)
    start = time.monotonic()
    requests = Requests(state, socket_path)
    requests.fill_cache()
    requests.until(WARM_UP)
    before = Footprint(responder.pid)
    requests.until(REQUESTS)
    after = Footprint(responder.pid)
    requests.connection.close()
    print(f"        leak: {requests.made} requests of {len(requests.kinds)} kinds in "
          f"{time.monotonic() - start:.0f} s\n"
          f"        after {WARM_UP}: {before}\n        after {requests.made}: {after}")
    checks.check(f"all of {requests.made} mixed requests answered as they must be",
                 not requests.wrong, f"{len(requests.wrong)} not: {requests.wrong[:5]}")
    checks.check("the responder's own memory is flat", after.own <= before.own + OWN_SLACK,
                 f"{before.own} KiB, then {after.own} KiB")
    checks.check("its resident memory is flat", after.resident <= before.resident + RESIDENT_SLACK,
                 f"{before.resident} KiB, then {after.resident} KiB")
    checks.check("its open files are as many as before", after.files == before.files,
                 f"{before.files}, then {after.files}")
    status = responder.stop()
    checks.check("on SIGTERM it exits with 0", status == 0, f"{status}")
