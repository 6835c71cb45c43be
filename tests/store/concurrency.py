"""Many clients do the same thing at the same time."""

import threading
import time

from harness import Client

PARALLEL = 16
ROUNDS = 10
PASSWORD = "quite a long password"


def in_parallel(port, calls):
    """Makes all calls at once, each on a connection of its own; returns their answers in order."""
    start = threading.Barrier(len(calls))
    answers = [None] * len(calls)

    def run(index, method, path, body, token):
        with Client(port) as client:
            client.call("GET", "/")
            start.wait()
            answers[index] = client.call(method, path, body, token)

    threads = [threading.Thread(target=run, args=(i, *call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def unlike(answers, status):
    """The answers of another status, as text; a call that got none counts."""
    return [str(answer) for answer in answers if answer is None or answer.status != status]


def renew(client, refresh_token):
    return client.call("POST", "/login/refresh-token/", {"refresh_token": refresh_token})


def works(client, jwt):
    return client.call("POST", "/login/jwt/", token=jwt).status == 200


def one_of_each(checks, port, root, what, method_path, body_of):
    """Every round creates one new thing sixteen times at once."""
    wrong = []
    for number in range(ROUNDS):
        answers = in_parallel(port, [("POST", method_path, body_of(number, i), root)
                                     for i in range(PARALLEL)])
        made = [answer for answer in answers if answer and answer.status == 200]
        refused = [answer for answer in answers if answer and answer.status == 400
                   and answer.error == "DuplicatedError" and answer.body["error_code"] == 42]
        if len(made) != 1 or len(refused) != PARALLEL - 1:
            wrong.append(f"round {number}: {len(made)} made, {len(refused)} refused as duplicated; "
                         f"{[str(a) for a in answers if a not in made and a not in refused][:3]}")
    checks.check(f"{PARALLEL} parallel creations of one {what}: one success, "
                 f"{PARALLEL - 1} DuplicatedError, {ROUNDS} times", not wrong, "; ".join(wrong[:3]))


def creations(checks, port, root):
    def email(number, i):
        local = f"person{number}"
        return {"email": f"{local.upper() if i % 2 else local}@Example.COM", "password": PASSWORD}

    one_of_each(checks, port, root, "service account", "/accounts/service/",
                lambda number, i: {"name": f"worker {number}", "password": PASSWORD})
    one_of_each(checks, port, root, "individual account, in two spellings",
                "/accounts/individual/", email)
    one_of_each(checks, port, root, "database", "/databases/",
                lambda number, i: {"name": f"base {number}", "item_id_type": "uint32",
                                   "user_id_type": "uuid"})


def parallel_renewals(checks, client, port, mode, refresh_token):
    """Sixteen renewals of one token; returns the refresh tokens that came back."""
    answers = in_parallel(port, [("POST", "/login/refresh-token/",
                                  {"refresh_token": refresh_token}, None)] * PARALLEL)
    wrong = unlike(answers, 200)
    checks.check(f"{mode}: {PARALLEL} parallel renewals of one token all succeed",
                 not wrong, f"{len(wrong)} did not: {wrong[:3]}")
    good = [answer.body for answer in answers if answer and answer.status == 200]
    checks.check(f"{mode}: each of the JWTs works",
                 good and all(works(client, body["token"]) for body in good), "one was refused")
    tokens = {body["refresh_token"] for body in good}
    checks.check(f"{mode}: they give one and the same refresh token", len(tokens) == 1,
                 f"{len(tokens)} different ones")
    return tokens.pop() if tokens else refresh_token


def create_account(client, root):
    client.want("POST", "/accounts/service/",
                {"name": "renewer", "password": PASSWORD, "role": "backend"}, root)


def renewals_when_not_due(checks, client, port):
    old = client.login_service("renewer", PASSWORD)["refresh_token"]
    new = parallel_renewals(checks, client, port, "when-due", old)
    checks.check("when-due: a token that is not due stays", new == old, "it was replaced")
    checks.check("when-due: and goes on renewing", renew(client, new).status == 200,
                 str(renew(client, new)))


def renewals_when_due(checks, client, port, lifetime):
    """The same in the last third of the token's life, where it is replaced."""
    start = time.time()
    old = client.login_service("renewer", PASSWORD)["refresh_token"]
    wait_for_clock(start + lifetime * 2 / 3 + 1)
    new = parallel_renewals(checks, client, port, "when-due, due", old)
    checks.check("when-due, due: the token is replaced", new != old, "it stayed")
    checks.check("when-due, due: the old one is good until its own end",
                 renew(client, old).status == 200, str(renew(client, old)))
    wait_for_clock(start + lifetime + 1.1)
    answer = renew(client, old)
    checks.check("when-due, due: and is RefreshTokenExpired then",
                 answer.status == 401 and answer.error == "RefreshTokenExpired", str(answer))
    checks.check("when-due, due: the new one renews", renew(client, new).status == 200,
                 str(renew(client, new)))


def wait_for_clock(when):
    """Token lifetimes are in real seconds: nothing but the clock can be waited for."""
    while time.time() < when:
        time.sleep(0.05)


def renewals_always(checks, client, port):
    first = client.login_service("renewer", PASSWORD)["refresh_token"]
    second = parallel_renewals(checks, client, port, "always", first)
    checks.check("always: the token is replaced", second != first, "it stayed")
    answer = renew(client, second)
    checks.check("always: the newest token renews", answer.status == 200, str(answer))
    third = answer.body["refresh_token"]
    again = renew(client, second)
    checks.check("always: its predecessor is still taken, for the same successor",
                 again.status == 200 and again.body["refresh_token"] == third, str(again))
    jwt = again.body["token"]
    older = renew(client, first)
    checks.check("always: one older than the predecessor is refused",
                 older.status == 401 and older.body["error_data"].get("name")
                 == "INCORRECT_REFRESH_TOKEN", str(older))
    ended = renew(client, third)
    checks.check("always: and has ended the session",
                 ended.status == 401 and ended.body["error_data"].get("name")
                 == "INCORRECT_REFRESH_TOKEN" and not works(client, jwt), str(ended))


def run(checks, place):
    lifetime = 9
    with_default = place.state("parallel")
    short = place.state("parallel-due", token_refresh_lifetime=lifetime)
    always = place.state("parallel-always", token_refresh_rotation="always")
    for state, test in ((with_default, renewals_when_not_due),
                        (short, lambda *some: renewals_when_due(*some, lifetime)),
                        (always, renewals_always)):
        server = state.serve()
        with Client(server.port) as client:
            root = client.login_root()
            create_account(client, root)
            test(checks, client, server.port)
            if state is with_default:
                creations(checks, server.port, root)
        server.stop()
