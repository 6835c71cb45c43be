#!/usr/bin/env -S python3 -B
"""A web server as no real one can be told to be (FastCGI specification, sections 3 and 5). Usage:

webserver.py SOCKET late PID SIGNAL: connects to a responder and takes its time, and meanwhile the responder
gets a signal; prints the answer to GET /health.
webserver.py SOCKET holds KIND: sends a request ("get", "post" with a body, or "authorizer" without the end
of an input that it has not) and holds its connection without a look at the answer; prints the answer to GET
/health on another connection, if it comes within a second. A pool of one has to be free for it."""

import os
import signal
import socket
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "store"))

from fcgi import HEADER, PARAMS, ROLE_RESPONDER, STDIN, STDOUT, begin, pairs, stream  # noqa: E402

ROLE_AUTHORIZER = 2


def request(role, method, path, **parameters):
    """All of a request but its input."""
    parameters = {"REQUEST_METHOD": method, "REQUEST_URI": path, **parameters}
    return begin(role, 0) + stream(PARAMS, pairs(parameters))


HEALTH = request(ROLE_RESPONDER, "GET", "/health") + stream(STDIN, b"")
KINDS = {
    "get": HEALTH,
    "post": (request(ROLE_RESPONDER, "POST", "/login/jwt/", CONTENT_LENGTH="2",
                     CONTENT_TYPE="application/json") + stream(STDIN, b"{}")),
    "authorizer": request(ROLE_AUTHORIZER, "GET", "/notes/"),
}


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def read_answer(connection):
    """What comes of STDOUT until the end."""
    answer = connection.makefile("rb")
    text = ""
    while header := answer.read(HEADER.size):
        _, kind, _, length, padding = HEADER.unpack(header)
        content = answer.read(length + padding)[:length]
        if kind == STDOUT:
            text += content.decode()
    return text


def late(path, pid, name):
    def descriptors():
        return len(os.listdir(f"/proc/{pid}/fd"))

    before = descriptors()
    with connect(path) as connection:
        while descriptors() == before:
            time.sleep(0.01)
        os.kill(int(pid), getattr(signal, name))
        connection.sendall(HEALTH)
        print(read_answer(connection))


def holds(path, kind):
    with connect(path) as holding, connect(path) as connection:
        holding.sendall(KINDS[kind])
        connection.settimeout(1)
        connection.sendall(HEALTH)
        print(read_answer(connection))
        if not read_answer(holding).startswith("Status: "):
            raise RuntimeError("no answer on the connection that was held")


if __name__ == "__main__":
    {"late": late, "holds": holds}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
