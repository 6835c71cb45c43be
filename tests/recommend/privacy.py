"""That an answer tells nothing of who else is there: not their names, and not a single one's ratings."""

import random

import data
from shop import Shop

SEED = 21
USERS, ITEMS, MEAN = 120, 80, 25
ASKING = 1


def rename(ratings, asking):
    """The same ratings by users of other names, but for one."""
    names = list(range(2_000_000, 2_000_000 + len(ratings)))
    random.Random(SEED).shuffle(names)
    return {user if user == asking else name: rated
            for name, (user, rated) in zip(names, ratings.items())}


def run(checks, place):
    shop = Shop(place, "privacy")
    ratings = data.generate(SEED, USERS, ITEMS, MEAN)
    ours = shop.add("ours", ratings)
    theirs = shop.add("theirs", rename(ratings, ASKING))
    checks.check("others' names change nothing",
                 shop.listing(ours, ASKING) == shop.listing(theirs, ASKING))
    checks.check("nor for one who rated nothing",
                 shop.listing(ours, 999_999) == shop.listing(theirs, 999_999))
    single(checks, shop)
    forged(checks, shop, ours, theirs)
    shop.close()


def single(checks, shop):
    """Two items that one user alone has in common: who rates one of them learns nothing of the other."""
    ratings = {1: {10: 9, 11: 9}, 2: {20: 9, 30: 2}, 3: {20: 9, 30: 3}, 4: {20: 8, 31: 9}}
    token = shop.add("single", ratings)
    shop.rate(token, [(5, 10, 10, 1_700_000_000)])
    answer = shop.ask(token, 5)
    checks.check("of one other's ratings nothing is learned: it is what is popular",
                 len(answer.get("warnings", [])) == 1 and answer["items_id"][0] == 20, answer)


def forged(checks, shop, ours, theirs):
    """Cursors that were made up, or taken from others."""
    cursor = shop.ask(ours, ASKING)["next_cursor"]
    rnd = random.Random(SEED)
    for _ in range(50):
        at = rnd.randrange(len(cursor))
        other = rnd.choice([sign for sign in "AZaz09-_" if sign != cursor[at]])
        bent = cursor[:at] + other + cursor[at + 1:]
        checks.check(f"a cursor with a {other} at {at} is refused",
                     refused(shop, ours, ASKING, bent))
    checks.check("another user's is refused", refused(shop, ours, ASKING + 1, cursor))
    checks.check("another database's is refused", refused(shop, theirs, ASKING, cursor))
    checks.check("the right one is taken",
                 len(shop.items(ours, ASKING, 10, f"&cursor={cursor}")) == 10)


def refused(shop, token, user, cursor):
    answer = shop.client.call("GET", f"/recommendation/users/{user}/items/?cursor={cursor}", None,
                              token)
    return answer.status == 400 and list(answer.body["error_data"]["query"]) == ["cursor"]
