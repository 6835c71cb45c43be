"""That answers follow new ratings, by themselves and in bounded time, also while all goes on."""

import random
import subprocess
import threading
import time

import data
from harness import Client, wait_until
from shop import Shop

SEED = 22
USERS, ITEMS, MEAN = 200, 100, 25
SECONDS = 40  # the pause between two processes that learn, and what they need, generously
NEW = range(1001, 1005)  # items that a new circle of users takes to
CIRCLE = range(5001, 5031)
LATE = 6001  # a user who likes one of them


def circle_rates():
    """The circle likes what is new, and nothing else."""
    for user in CIRCLE:
        for item in NEW:
            yield user, item, 9 + user % 2, 1_700_000_000
        for item in range(1, 6):
            yield user, item, 2, 1_700_000_000


def run(checks, place):
    shop = Shop(place, "following")
    token = shop.add("films", data.generate(SEED, USERS, ITEMS, MEAN), learn=False)
    first = wait_until(lambda: is_learned(shop, token), "the first lists", SECONDS)
    checks.check("what was imported is learned by itself", first)
    shop.rate(token, circle_rates())
    shop.rate(token, [(LATE, NEW[0], 10, 1_700_000_000)])
    begin = time.monotonic()
    wait_until(lambda: has_learned_new(shop.ask(token, LATE, 3)), "the new items", SECONDS)
    print(f"        new items after {time.monotonic() - begin:.1f} s", flush=True)
    checks.check("who likes one new item is recommended the others", True)
    under_load(checks, shop, token)
    wait_until(lambda: shop.learn() == 0, "all notes to be worked off", SECONDS)
    interrupted(checks, shop, token)
    checks.check("the store is in order", '"wrong":0' in
                 shop.state.admin("verify", "--json").replace(" ", ""))
    shop.close()


def has_learned_new(answer):
    """The other new ones, and not only since they are popular by now."""
    return set(answer["items_id"]) == set(NEW[1:]) and "warnings" not in answer


def is_learned(shop, token):
    """A user who likes one item gets ten without any being filled up."""
    item = 1 + shop.items(token, 999_999, 1)[0] % ITEMS
    shop.rate(token, [(7001, item, 10, 1_700_000_000)])
    return "warnings" not in shop.ask(token, 7001, 5)


def under_load(checks, shop, token):
    """Some rate all the time, and some ask: everybody gets answers, and what is new is found."""
    stop, failures = threading.Event(), []

    def keep(call):
        with Client(shop.server.port) as client:
            number = 0
            while not stop.is_set():
                answer = client.call(*call(number), token)
                if answer.status != 200:
                    failures.append(str(answer))
                number += 1
                stop.wait(0.02)

    calls = [lambda n: ("PUT", f"/users/{8000 + n % 50}/ratings/{1 + n % ITEMS}/",
                        {"rating": 1 + n % 10}),
             lambda n: ("GET", f"/recommendation/users/{1 + n % USERS}/items/", None)]
    threads = [threading.Thread(target=keep, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    try:
        newer = 2001
        shop.rate(token, [(user, newer, 10, 1_700_000_000) for user in CIRCLE])
        wait_until(lambda: newer in shop.items(token, LATE, 4), "the newer item", SECONDS)
        checks.check("a newer item is found while others rate", True)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    checks.check("nobody is refused meanwhile", not failures, failures[:3])


def interrupted(checks, shop, token, kills=10):
    """A process that learns may be killed at any moment: others go on where it was."""
    shop.learn("films")
    users = range(1, USERS, 20)
    before = [shop.items(token, user) for user in users]
    rnd = random.Random(SEED)
    for _ in range(kills):
        with subprocess.Popen([shop.state.place.program("doorward"), "--config", shop.state.conf,
                               "database", "learn", "films"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as learner:
            time.sleep(rnd.uniform(0.01, 0.15))
            learner.kill()
    wait_until(lambda: shop.learn() == 0, "the rest to be learned", SECONDS)
    checks.check(f"{kills} times killed, what is learned is the same",
                 [shop.items(token, user) for user in users] == before)
