"""The figures: each a function that measures one thing and returns rows for the table. What is
compared alternates in the same run, and the median of the rounds counts."""

import fcntl
import json
import os
import statistics
import subprocess
import time

import data
from harness import Client, wait_until
from servers import KINDS, Server

RESPONDERS = 4
CONNECTIONS = 16
ROUNDS = 5
SECONDS = 3
PASSWORD = "quite a long password"
DEFAULT_COST = 5
DAY = 24 * 60 * 60
HERE = os.path.dirname(os.path.abspath(__file__))


class Row:
    """One line of the table: what was measured, and what it must be at least or at most."""

    def __init__(self, what, measured, unit="", least=None, most=None):
        self.what, self.measured, self.unit = what, measured, unit
        self.least, self.most = least, most

    @property
    def good(self):
        return ((self.least is None or self.measured >= self.least)
                and (self.most is None or self.measured <= self.most))

    def __str__(self):
        target = " ".join(f"{sign} {bound:.2f}" for sign, bound in
                          ((">=", self.least), ("<=", self.most)) if bound is not None)
        return (f"{self.what:56} {self.measured:8.2f} {self.unit:4} {target + ' ' + self.unit:12} "
                f"{'ok' if self.good else 'missed'}")


class Request:
    """One request, as requests.lua wants it."""

    def __init__(self, method, path, jwt="", body=None):
        self.line = "\t".join((method, path, jwt, json.dumps(body) if body else "")) + "\n"


def write_requests(place, name, requests):
    path = os.path.join(place.directory, f"{name}.requests")
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(request.line for request in requests)
    return path


def rate(server, requests, seconds=SECONDS, connections=CONNECTIONS, keep=True):
    """Requests per second that wrk gets answered, keeping connections or not. Every one must succeed."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s",
         os.path.join(HERE, "requests.lua"), f"http://127.0.0.1:{server.port}"],
        env={**os.environ, "REQUESTS": requests, **({} if keep else {"CLOSE": "1"})}, check=True, text=True, stdout=subprocess.PIPE)
    words = done.stdout.splitlines()[-1].split()
    if words[3] != "0":
        raise RuntimeError(f"{words[3]} requests failed:\n{done.stdout}")
    return float(words[1])


def compare(first, second, rounds=ROUNDS):
    """The median over rounds of what first() gives divided by what second() gives."""
    ratios, firsts, seconds = [], [], []
    for _ in range(rounds):
        firsts.append(first())
        seconds.append(second())
        ratios.append(firsts[-1] / seconds[-1])
    print(f"    medians {statistics.median(firsts):.0f} and {statistics.median(seconds):.0f} a "
          f"second; ratios {' '.join(f'{ratio:.2f}' for ratio in ratios)}", flush=True)
    return statistics.median(ratios)


def create_account(client, root, name):
    client.want("POST", "/accounts/service/",
                {"name": name, "password": PASSWORD, "role": "backend"}, root)
    return client.login_service(name, PASSWORD)


def against_bare(place):
    """The usual requests, against a responder that does nothing, behind the same lighttpd."""
    state = place.state("bare", token_jwt_lifetime=DAY)
    doorward = state.serve(RESPONDERS)
    bare = state.serve(RESPONDERS, place.program("tests/bench/bare"))
    with Client(doorward.port) as client:
        root = client.login_root()
        for i in range(10):
            client.want("POST", "/databases/", {"name": f"database {i}", "item_id_type": "uint32",
                                                "user_id_type": "uuid"}, root)
        session = create_account(client, root, "measured")
    contests = (
        (0.80, Request("POST", "/login/jwt/", session["token"])),
        (0.70, Request("POST", "/login/refresh-token/", "",
                       {"refresh_token": session["refresh_token"]})),
        (0.60, Request("GET", "/databases/", session["token"])),
    )
    for target, request in contests:
        what = " ".join(request.line.split("\t")[:2])
        print(f"{what}, and a bare responder", flush=True)
        requests = write_requests(place, "bare", [request])
        yield Row(f"{what}, of a bare responder's rate",
                  compare(lambda: rate(doorward, requests), lambda: rate(bare, requests)),
                  least=target)
    doorward.stop()
    bare.stop()


def algorithms(place):
    """Tokens signed by a key pair against those by a secret: shown again and again, and made anew."""
    servers, sessions = {}, {}
    for algorithm in ("ES256", "HS256"):
        state = place.state(algorithm, token_jwt_lifetime=DAY, token_algorithm=algorithm)
        servers[algorithm] = state.serve(RESPONDERS)
        with Client(servers[algorithm].port) as client:
            sessions[algorithm] = create_account(client, client.login_root(), "measured")
    for path, least in (("/login/jwt/", 0.90), ("/login/refresh-token/", 0)):
        def measure(algorithm):
            session = sessions[algorithm]
            request = (Request("POST", path, session["token"]) if path == "/login/jwt/" else
                       Request("POST", path, "", {"refresh_token": session["refresh_token"]}))
            return rate(servers[algorithm], write_requests(place, algorithm, [request]))

        print(f"POST {path} with ES256, and with HS256", flush=True)
        yield Row(f"POST {path} with ES256, of the rate with HS256",
                  compare(lambda: measure("ES256"), lambda: measure("HS256")), least=least)
    for server in servers.values():
        server.stop()


def guard(place):
    """A static file that is an end user's own, against the same behind an authorizer that always says
    yes."""
    state = place.state("guard", token_jwt_lifetime=DAY, server_mount="/auth/",
                        authorize_policy="policy.conf")
    state.admin("database", "add", "shop", "--item-id-type", "uint32", "--user-id-type", "uint32")
    database = json.loads(state.admin("--json", "database", "list"))[0]["id"]
    state.admin("account", "add", "measured", "--role", "frontend", password=PASSWORD)
    with open(os.path.join(state.directory, "policy.conf"), "w", encoding="utf-8") as policy:
        policy.write(f"database = {database}\n"
                     "[everybody]\npath = /static/**\nroles = anyone\n"
                     "[one's own]\npath = /files/<user>/**\nroles = frontend manager\n")
    folder = os.path.join(state.directory, "www")
    os.makedirs(os.path.join(folder, "files", "42"))
    with open(os.path.join(folder, "files", "42", "page.txt"), "w", encoding="utf-8") as page:
        page.write("x" * 1000)
    doorward = state.guard(folder, RESPONDERS)
    bare = state.guard(folder, RESPONDERS, place.program("tests/bench/bare"))
    with Client(doorward.port) as client:
        jwt = client.want("POST", "/auth/login/service/", {
            "name": "measured", "password": PASSWORD, "db_name": "shop",
            "frontend_user_id": 42})["token"]
    requests = write_requests(place, "guard", [Request("GET", "/files/42/page.txt", jwt)])
    print("a guarded file, and behind a bare authorizer", flush=True)
    yield Row("a guarded static file, of a bare authorizer's rate",
              compare(lambda: rate(doorward, requests), lambda: rate(bare, requests)), least=0.8)
    doorward.stop()
    bare.stop()


def servers(place):
    """login/jwt/ against a bare responder, or a bare CGI program, behind each web server. As many clients
    as responders: where there are more, mod_fcgid lets them wait for a second. And none that stays, for plain
    CGI: a program that has not quite ended when Apache looks is waited for, 47 ms, before the next request
    of its connection (free_proc_chain() of APR)."""
    def measure(server):
        return rate(server, requests, connections=RESPONDERS, keep=kind != "apache-cgi")

    for kind in KINDS:
        state = place.state(f"servers-{kind}", token_jwt_lifetime=DAY)
        doorward = Server(kind, state, RESPONDERS, place.program("doorward.fcgi"))
        bare = Server(kind, state, RESPONDERS, place.program("tests/bench/bare"))
        with Client(doorward.port) as client:
            session = create_account(client, client.login_root(), "measured")
        requests = write_requests(place, f"servers-{kind}",
                                  [Request("POST", "/login/jwt/", session["token"])])
        print(f"POST /login/jwt/ and a bare program on {kind}", flush=True)
        yield Row(f"POST /login/jwt/ on {kind}, of a bare one's rate",
                  compare(lambda: measure(doorward), lambda: measure(bare)),
                  least=None if kind == "apache-cgi" else 0.80)
        doorward.stop()
        bare.stop()


def ratings(place):
    """One rating written, against a bare responder and against the disk, which each must wait for; and
    a page of 64 read."""
    state = place.state("ratings", token_jwt_lifetime=DAY)
    doorward = state.serve(RESPONDERS)
    bare = state.serve(RESPONDERS, place.program("tests/bench/bare"))
    with Client(doorward.port) as client:
        root = client.login_root()
        client.want("POST", "/databases/", {"name": "measured", "item_id_type": "uint32",
                                            "user_id_type": "uint32"}, root)
        client.want("POST", "/accounts/service/",
                    {"name": "measured", "password": PASSWORD, "role": "backend"}, root)
        jwt = client.login_service("measured", PASSWORD, db_name="measured")["token"]
        client.want("PUT", "/ratings-bulk/", {"ratings": [
            {"user_id": user, "item_id": item, "rating": 5}
            for user in range(200) for item in range(64)]}, jwt)
    reads = write_requests(place, "ratings-read", (
        Request("GET", f"/users/{user}/ratings/", jwt) for user in range(200)))
    writes = write_requests(place, "ratings-write", (
        Request("PUT", f"/users/{user % 200}/ratings/{user * 7919 % 5000}/", jwt, {"rating": 7})
        for user in range(5000)))
    print("GET of 64 ratings, and a bare responder", flush=True)
    yield Row("GET /users/<user>/ratings/, 64, of a bare responder's rate",
              compare(lambda: rate(doorward, reads), lambda: rate(bare, reads)), least=0)
    print("PUT of a rating, and a bare responder", flush=True)
    yield Row("PUT /users/<user>/ratings/<item>/, of a bare one's rate",
              compare(lambda: rate(doorward, writes), lambda: rate(bare, writes)), least=0)
    print("PUT of a rating, and fdatasync(2) alone", flush=True)
    yield Row("PUT /users/<user>/ratings/<item>/, of fdatasync's rate",
              compare(lambda: rate(doorward, writes), lambda: fdatasync_rate(state)), least=0)
    doorward.stop()
    bare.stop()


def fdatasync_rate(state, seconds=SECONDS):
    """How often in a second a small write reaches the disk, one after the other, in a file that is
    there already, as the store's log is."""
    path = os.path.join(state.directory, "fdatasync")
    size, step, count = 4 << 20, 512, 0
    with open(path, "wb", buffering=0) as file:
        file.write(bytes(size))
        os.fsync(file.fileno())
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            os.pwrite(file.fileno(), b"x" * step, count * step % size)
            os.fdatasync(file.fileno())
            count += 1
    os.unlink(path)
    return count / (time.monotonic() - begin)


def password_login(place):
    """Logins with a password, against crypt_r(3) alone in as many processes."""
    state = place.state("login", password_cost=DEFAULT_COST)
    server = state.serve(RESPONDERS)
    with Client(server.port) as client:
        create_account(client, client.login_root(), "measured")
    requests = write_requests(place, "login", [
        Request("POST", "/login/service/", "", {"name": "measured", "password": PASSWORD})])

    def crypt_alone():
        done = subprocess.run([place.program("tests/bench/crypt"), str(DEFAULT_COST),
                               str(RESPONDERS), str(2 * SECONDS)],
                              check=True, text=True, stdout=subprocess.PIPE)
        return float(done.stdout)

    print("password login, and crypt_r alone", flush=True)
    yield Row("POST /login/service/, of crypt_r's rate",
              compare(lambda: rate(server, requests, 2 * SECONDS), crypt_alone), least=0.95)
    server.stop()


def disclosure(place):
    """Times of answers to strangers, for an address that has an account against one that has none."""
    state = place.state("disclosure", password_cost=DEFAULT_COST)
    server = state.serve(RESPONDERS)
    with Client(server.port) as client:
        root = client.login_root()
        for name in ("verified", "unverified"):
            client.want("POST", "/accounts/individual/",
                        {"email": f"{name}@example.com", "password": PASSWORD}, root)
        state.admin("account", "verify", "verified@example.com")
        contests = (
            ("verified", "POST", "/login/individual/", {"password": "a wrong password"}),
            ("unverified", "PUT", "/accounts/resend-verification-code/", {}),
            ("verified", "PUT", "/accounts/resend-verification-code/", {}),
            ("verified", "POST", "/accounts/individual/send-reset-password-email/", {}),
            ("unverified", "POST", "/accounts/verify/", {"code": "wrong"}),
            ("verified", "POST", "/accounts/verify/", {"code": "wrong"}),
            ("verified", "POST", "/accounts/individual/reset/",
             {"code": "wrong", "new_password": PASSWORD}),
        )
        for name, method, path, body in contests:
            print(f"{method} {path}, {name} and unknown", flush=True)
            yield Row(f"{method} {path}, {name}, of unknown's time",
                      compare_times(client, server, method, path, body, name),
                      least=0.9, most=1.1)
    server.stop()


def compare_times(client, server, method, path, body, name, rounds=150):
    """The median time for one address divided by that for another, alternating."""
    times = {name: [], "unknown": []}
    for _ in range(rounds):
        for who, taken in times.items():
            settle(server)
            begin = time.monotonic()
            client.call(method, path, {"email": f"{who}@example.com", **body})
            taken.append(time.monotonic() - begin)
    medians = [statistics.median(taken) * 1e6 for taken in times.values()]
    print(f"    medians {medians[0]:.0f} and {medians[1]:.0f} µs", flush=True)
    return medians[0] / medians[1]


def settle(server):
    """Waits until no mail is being delivered, which would slow the next request down, whosever."""
    lock = os.path.join(server.state.directory, "mail.lock")
    if os.path.exists(lock):
        time.sleep(0.02)  # the process that delivers has to start, which takes it some milliseconds
        with open(lock, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)


def memory(place):
    """What an idle responder costs, its share of what it shares with others."""
    state = place.state("memory", password_cost=DEFAULT_COST)
    server = state.serve(RESPONDERS)
    with Client(server.port) as client:
        root = client.login_root()
        session = create_account(client, root, "measured")
    requests = write_requests(place, "memory", [
        Request("POST", "/login/jwt/", session["token"]),
        Request("POST", "/login/refresh-token/", "", {"refresh_token": session["refresh_token"]}),
        Request("GET", "/organizations/current/accounts/", root),
        Request("POST", "/login/service/", "", {"name": "measured", "password": PASSWORD})])
    rate(server, requests)
    wait_until(lambda: are_idle(server.responders()), "responders to be idle")
    print("memory of idle responders", flush=True)
    sizes = [proportional_set_size(pid) for pid in server.responders()]
    yield Row("proportional set size of an idle responder",
              statistics.median(sizes) / 1024, "MiB", most=4)
    server.stop()


def are_idle(pids):
    """Whether they use no processor for a moment: wrk goes away without waiting for its answers."""
    def used():
        return [open(f"/proc/{pid}/stat", encoding="ascii").read().split()[13:15] for pid in pids]
    before = used()
    time.sleep(0.2)
    return used() == before


def proportional_set_size(pid):
    """In KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def start(place):
    """From the start of the process to its first byte of answer, as a plain CGI program."""
    state = place.state("start", token_jwt_lifetime=DAY)
    server = state.serve(RESPONDERS)
    with Client(server.port) as client:
        session = create_account(client, client.login_root(), "measured")
    print("start to first answer", flush=True)
    yield Row("start to first answer, while a pool is running",
              statistics.median(start_times(state, session["token"])), "ms", most=15)
    server.stop()
    yield Row("start to first answer, when no other process runs",
              statistics.median(start_times(state, session["token"])), "ms", most=15)


def start_times(state, jwt, times=60):
    environment = {
        "DOORWARD_CONF": state.conf, "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_METHOD": "POST", "REQUEST_URI": "/login/jwt/", "SCRIPT_NAME": "/login/jwt/",
        "QUERY_STRING": "", "CONTENT_LENGTH": "0", "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_AUTHORIZATION": f"Bearer {jwt}",
    }
    taken = []
    for _ in range(times):
        begin = time.monotonic()
        with subprocess.Popen([state.place.program("doorward.fcgi")], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            first = process.stdout.read1()
            taken.append((time.monotonic() - begin) * 1000)
            if b"Status: 200" not in first + process.stdout.read():
                raise RuntimeError(f"login/jwt/ by CGI answered {first!r}")
    return taken


def growth(place, many):
    """Random sessions of a large store, against random ones of a small store."""
    few = 1000
    servers, jwts, renewals = {}, {}, {}
    for count in (few, many):
        state = place.state(f"growth-{count}", token_jwt_lifetime=DAY)
        begin = time.monotonic()
        tokens = fill(state, count)
        print(f"filled with {count} accounts and sessions in {time.monotonic() - begin:.0f} s",
              flush=True)
        jwts[count] = write_requests(place, f"jwts-{count}", (
            Request("POST", "/login/jwt/", jwt) for jwt in tokens[0::2]))
        renewals[count] = write_requests(place, f"renewals-{count}", (
            Request("POST", "/login/refresh-token/", "", {"refresh_token": token})
            for token in tokens[1::2]))
        servers[count] = state.serve(RESPONDERS)
    for path, requests in (("login/jwt/", jwts), ("login/refresh-token/", renewals)):
        print(f"POST {path} with {many} and {few} sessions", flush=True)
        yield Row(f"POST /{path}, {many} sessions against {few}",
                  compare(lambda: rate(servers[many], requests[many]),
                          lambda: rate(servers[few], requests[few])), least=0.9)
    for server in servers.values():
        server.stop()


def fill(state, count, samples=5000):
    """Fills a store; returns a JWT and a refresh token in turn, of some of its sessions."""
    done = subprocess.run([state.place.program("tests/bench/fill"), state.conf, str(count),
                           str(samples)], check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout.splitlines()


def recommend(place, many):
    """Recommendations for random users of a large database and of a small one, and a bare responder."""
    few = 10000
    servers, asked = {}, {}
    for count in (few, many):
        state = place.state(f"recommend-{count}", token_jwt_lifetime=DAY)
        servers[count] = state.serve(RESPONDERS)
        begin = time.monotonic()
        token, users = fill_ratings(state, servers[count], count)
        print(f"rated and learned {count} in {time.monotonic() - begin:.0f} s", flush=True)
        asked[count] = write_requests(place, f"recommend-{count}", (
            Request("GET", f"/recommendation/users/{user}/items/", token) for user in users))
    bare = state.serve(RESPONDERS, place.program("tests/bench/bare"))
    for count in (few, many):
        print(f"recommendations of {count} ratings, and a bare responder", flush=True)
        yield Row(f"recommendation, {count} ratings, of a bare responder's rate",
                  compare(lambda: rate(servers[count], asked[count]),
                          lambda: rate(bare, asked[count])))
    print(f"recommendations of {many} and {few} ratings", flush=True)
    yield Row(f"recommendation, {many} ratings against {few}",
              compare(lambda: rate(servers[many], asked[many]),
                      lambda: rate(servers[few], asked[few])), least=0.8)
    bare.stop()
    for server in servers.values():
        server.stop()


def fill_ratings(state, server, count, each=50, bulk=8000, samples=5000):
    """Rates as much, each user as many items, and has it learned; returns a token, and some users."""
    users = count // each
    ratings = data.generate(1, users, max(users // 4, 500), each)
    rows = [{"user_id": user, "item_id": item, "rating": rating}
            for user, item, rating, _ in data.rows(ratings)]
    with Client(server.port) as client:
        root = client.login_root()
        create_account(client, root, "measured")
        client.want("POST", "/databases/", {"name": "rated", "item_id_type": "uint32",
                                            "user_id_type": "uint32"}, root)
        token = client.login_service("measured", PASSWORD, db_name="rated")["token"]
        for start in range(0, len(rows), bulk):
            client.want("PUT", "/ratings-bulk/", {"ratings": rows[start:start + bulk]}, token)
    state.admin("database", "learn")
    return token, [1 + number % users for number in range(0, samples * 7, 7)]
