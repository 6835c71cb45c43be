"""A server with databases of ratings, as the tests of recommendations use it."""

import csv
import json
import os

import data
from harness import Client

BULK = 8000  # ratings in one request
PASSWORD = "quite a long password"


class Shop:
    """One state directory, served; a client of role backend for each database."""

    def __init__(self, place, name):
        self.state = place.state(name, token_jwt_lifetime=24 * 60 * 60)
        self.server = self.state.serve(2)
        self.client = Client(self.server.port)
        self.root = self.client.login_root()
        self.client.want("POST", "/accounts/service/",
                         {"name": "backend", "password": PASSWORD, "role": "backend"}, self.root)

    def close(self):
        self.client.connection.close()
        self.server.stop()

    def add(self, name, ratings, learn=True):
        """Makes a database of these ratings and has them learned; returns a token for it."""
        self.client.want("POST", "/databases/", {"name": name, "item_id_type": "uint32",
                                                 "user_id_type": "uint32"}, self.root)
        token = self.client.login_service("backend", PASSWORD, db_name=name)["token"]
        self.load(name, ratings)
        if learn:
            self.learn(name)
        return token

    def load(self, name, ratings):
        """As an operator would, from a file."""
        path = os.path.join(self.state.directory, f"{name}.csv")
        with open(path, "w", encoding="ascii", newline="") as out:
            table = csv.writer(out)
            table.writerow(("user_id", "item_id", "rating", "timestamp"))
            table.writerows(data.rows(ratings))
        self.state.admin("rating", "import", name, path)

    def rate(self, token, rows):
        rows = [{"user_id": user, "item_id": item, "rating": rating, "timestamp": time}
                for user, item, rating, time in rows]
        for start in range(0, len(rows), BULK):
            self.client.want("PUT", "/ratings-bulk/", {"ratings": rows[start:start + BULK]}, token)

    def learn(self, *arguments):
        """Has all that is stale learned; returns the number of items."""
        return json.loads(self.state.admin("database", "learn", *arguments, "--json"))["learned"]

    def ask(self, token, user, amount=10, more=""):
        """The answer to a user."""
        return self.client.want("GET", f"/recommendation/users/{user}/items/?amt={amount}{more}",
                                None, token)

    def items(self, token, user, amount=10, more=""):
        return self.ask(token, user, amount, more)["items_id"]

    def listing(self, token, user, amount=64):
        """The items of all pages."""
        items, cursor = [], ""
        while cursor is not None:
            answer = self.ask(token, user, amount, f"&cursor={cursor}" if cursor else "")
            items += answer["items_id"]
            cursor = answer["next_cursor"]
        return items
