"""Whether recommendations know more than what is popular: of each user one rating was held back, of an
item he liked, and it should be among ten that he is recommended."""

import data
from shop import Shop

SEED = 20
USERS, ITEMS, MEAN = 600, 500, 45
AT = 10
TIMES_BETTER = 1.5
STRANGER = 1_000_000
DAMPING = 25  # as src/popular.h has it


def hits_of(lists, held):
    return sum(held[user] in items for user, items in lists.items()) / len(held)


def by_popularity(left):
    """For each user the items that most others rated, without his own: what must be beaten."""
    popular = data.popular(left)
    return {user: [item for item in popular if item not in rated][:AT]
            for user, rated in left.items()}


def run(checks, place):
    shop = Shop(place, "quality")
    left, held = data.hold_out(SEED, data.generate(SEED, USERS, ITEMS, MEAN))
    token = shop.add("films", left)
    answers = {user: shop.ask(token, user, AT) for user in left}
    compare(checks, left, held, answers)
    full_lists(checks, shop, token, left)
    strangers(checks, shop, token, left)
    same_again(checks, shop, token, answers)
    shop.close()


def compare(checks, left, held, answers):
    lists = {user: answer["items_id"] for user, answer in answers.items()}
    found, popular = hits_of(lists, held), hits_of(by_popularity(left), held)
    print(f"        of {sum(map(len, left.values()))} ratings: hit rate at {AT} {found:.3f}, of the "
          f"most popular {popular:.3f}: {found / popular:.2f} times", flush=True)
    checks.check(f"the hit rate is {TIMES_BETTER} times that of the most popular",
                 found >= TIMES_BETTER * popular, f"{found} and {popular}")
    checks.check("there are ten for everybody", all(len(items) == AT for items in lists.values()))
    checks.check("nobody is recommended what he rated",
                 not any(set(items) & set(left[user]) for user, items in lists.items()))
    checks.check("who rated much needs no filling up",
                 not any("warnings" in answers[user] for user in left if len(left[user]) > 20))
    checks.check("recommendations are personal", len({tuple(items) for items in lists.values()})
                 > 0.9 * len(lists))


def full_lists(checks, shop, token, left):
    for user in (1, 2, 3):
        items = shop.listing(token, user)
        checks.check(f"user {user}'s whole listing has no item twice and none he rated",
                     len(items) == len(set(items)) and not set(items) & set(left[user])
                     and len(items) > 100, f"{len(items)} items")
        checks.check(f"user {user}'s pages are the same in other sizes",
                     shop.listing(token, user, 7) == items)


def damped_means(left):
    """The items by their mean with DAMPING ratings more that are as the mean of all, the best first."""
    ratings = {}
    for rated in left.values():
        for item, rating in rated.items():
            ratings.setdefault(item, []).append(rating)
    mean = sum(map(sum, ratings.values())) / sum(map(len, ratings.values()))
    score = {item: (sum(own) + DAMPING * mean) / (len(own) + DAMPING)
             for item, own in ratings.items()}
    return sorted(score, key=lambda item: (-score[item], str(item)))


def strangers(checks, shop, token, left):
    """Who has rated nothing gets what is popular, and is told so."""
    answer = shop.ask(token, STRANGER, AT)
    checks.check("a stranger is told that these are the popular ones",
                 len(answer.get("warnings", [])) == 1, answer)
    checks.check("they are those of the best damped means",
                 answer["items_id"] == damped_means(left)[:AT], answer)


def same_again(checks, shop, token, answers):
    """The same ratings give the same answers, asked again and learned again."""
    some = list(answers)[::10]
    checks.check("asked again, the answers are the same",
                 all(shop.ask(token, user, AT) == answers[user] for user in some))
    checks.check("all is learned again", shop.learn("films") > ITEMS * 0.9)
    checks.check("the answers are the same", all(shop.ask(token, user, AT)["items_id"]
                                                 == answers[user]["items_id"] for user in some))
