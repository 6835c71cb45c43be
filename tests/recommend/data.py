"""Ratings as people give them, made up from a seed: of the shape of the MovieLens data. Few items have most
of the ratings, few users give most of them, and each user has tastes: kinds of items to which he turns
more often, and which he rates higher."""

import bisect
import itertools
import math
import random

TASTES = 12  # kinds of items
PER_USER = 2  # of them are a user's own
SHARE = 0.6  # of his ratings are of these
SPREAD = 0.6  # of how much users rate, in the logarithm
LEAST = 8  # ratings of a user


class Pool:
    """Items to choose from, the popular ones more often."""

    def __init__(self, items, popularity):
        self.items = items
        self.sums = list(itertools.accumulate(popularity[item] for item in items))

    def choose(self, rnd):
        return self.items[bisect.bisect(self.sums, rnd.random() * self.sums[-1])]


def generate(seed, users, items, mean):
    """Users from 1 on, each with a dictionary of items from 1 on and ratings of 1 to 10; each rates about
    as many as mean says. The same seed gives the same."""
    rnd = random.Random(seed)
    numbers = range(1, items + 1)
    ranks = list(range(items))
    rnd.shuffle(ranks)
    popularity = {item: (ranks[item - 1] + 5) ** -0.8 for item in numbers}
    kind = {item: rnd.randrange(TASTES) for item in numbers}
    quality = {item: rnd.gauss(0, 0.7) for item in numbers}
    everything = Pool(list(numbers), popularity)
    kinds = [Pool([item for item in numbers if kind[item] == taste], popularity)
             for taste in range(TASTES)]
    return {user: rate(rnd, kind, quality, everything, kinds, mean) for user in range(1, users + 1)}


def rate(rnd, kind, quality, everything, kinds, mean):
    """One user's ratings."""
    amount = int(rnd.lognormvariate(math.log(mean) - SPREAD ** 2 / 2, SPREAD))
    amount = max(LEAST, min(amount, len(kind) // 3))
    tastes = rnd.sample(range(TASTES), PER_USER)
    mood = rnd.gauss(0, 0.7)
    ratings = {}
    while len(ratings) < amount:
        own = rnd.random() < SHARE
        item = (kinds[rnd.choice(tastes)] if own else everything).choose(rnd)
        liking = 1.3 if kind[item] in tastes else -1.0
        rating = 6.2 + mood + quality[item] + liking + rnd.gauss(0, 1.2)
        ratings.setdefault(item, min(10, max(1, round(rating))))
    return ratings


def hold_out(seed, ratings):
    """Takes one rating of each user's away, of those not below his mean: (what is left, {user: item})."""
    rnd = random.Random(seed)
    left, held = {}, {}
    for user, rated in ratings.items():
        mean = sum(rated.values()) / len(rated)
        held[user] = rnd.choice([item for item, rating in rated.items() if rating >= mean])
        left[user] = {item: rating for item, rating in rated.items() if item != held[user]}
    return left, held


def rows(ratings, start=1_600_000_000):
    """User, item, rating, time of each."""
    for user, rated in ratings.items():
        for number, (item, rating) in enumerate(rated.items()):
            yield user, item, rating, start + number


def popular(ratings):
    """The items by how many rated them, the most first."""
    counts = {}
    for rated in ratings.values():
        for item in rated:
            counts[item] = counts.get(item, 0) + 1
    return sorted(counts, key=lambda item: (-counts[item], item))
