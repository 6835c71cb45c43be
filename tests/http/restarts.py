#!/usr/bin/env -S python3 -B
"""Writers, while the web server is reloaded and restarted by who started this. Usage: restarts.py PORT
EMAIL PASSWORD END. Writes until the file END is there, and the server is, too; then looks for every
acknowledged account, and says "ACKNOWLEDGED LOST". Ends as well when who started it is gone. Broken
connections are the server's affair."""

import http.client
import itertools
import json
import os
import sys
import threading
import time

WRITERS = 4


class Writer(threading.Thread):
    def __init__(self, port, token, number):
        super().__init__()
        self.port, self.token, self.number = port, token, number
        self.acknowledged = []
        self.stopping = threading.Event()

    def run(self):
        for count in itertools.count():
            if self.stopping.is_set():
                return
            name = f"writer {self.number} account {count}"
            try:
                if call(self.port, "POST", "/accounts/service/", self.token, {"name": name})[0] == 200:
                    self.acknowledged.append(name)
            except (OSError, http.client.HTTPException):
                self.stopping.wait(0.01)


def call(port, method, path, token="", body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, json.dumps(body) if body else None,
                           {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def main(port, email, password, end):
    status, data = call(port, "POST", "/login/root/", body={"email": email, "password": password})
    if status != 200:
        sys.exit(f"no login: {status}")
    token = json.loads(data)["token"]
    writers = [Writer(port, token, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    parent = os.getppid()
    while not os.path.exists(end) and os.getppid() == parent:
        time.sleep(0.05)
    for writer in writers:
        writer.stopping.set()
    for writer in writers:
        writer.join()
    status, data = call(port, "GET", "/organizations/current/accounts/", token)
    there = {account["name"] for account in json.loads(data)["service_accounts"]}
    acknowledged = {name for writer in writers for name in writer.acknowledged}
    print(len(acknowledged), len(acknowledged - there))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:5])
