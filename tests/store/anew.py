"""A responder that begins anew after a large request, in the same process, as often as it is asked to within
seconds: it is the same to its clients, and no two requests have the same ID."""

import json
import os

from fcgi import Connection, Responder
from harness import ROOT_EMAIL, ROOT_PASSWORD

TIMES = 12
LARGE = 300 << 10  # more than a process goes on after, and than a login may be
LOGIN = json.dumps({"email": ROOT_EMAIL, "password": ROOT_PASSWORD}).encode()


def login(socket_path, body):
    connection = Connection(socket_path)
    answer = connection.call("POST", "/login/root/", body, "application/json")
    connection.close()
    return answer.status


def run(checks, place):
    state = place.state("anew")
    socket_path = os.path.join(state.directory, "socket")
    with open(os.path.join(state.directory, "log"), "ab") as log:
        responder = Responder(place, place.program("doorward.fcgi"), {"DOORWARD_CONF": state.conf},
                              socket_path, log)
    answers = [(login(socket_path, LOGIN), login(socket_path, b" " * LARGE)) for _ in range(TIMES)]
    with open(os.path.join(state.directory, "audit.log"), encoding="utf-8") as trail:
        lines = [line for line in map(json.loads, trail) if line["event"] == "login"]
    ids = {line["request"] for line in lines}
    checks.check("one that begins anew answers as before", answers == [(200, 413)] * TIMES, answers)
    checks.check("it is one process", {line["process"] for line in lines} == {responder.pid}, lines)
    checks.check("and each request has an ID of its own", len(lines) == TIMES and len(ids) == TIMES,
                 sorted(line["request"] for line in lines))
    login(socket_path, LOGIN)  # so that it has begun anew once more
    with open(state.conf, "a", encoding="utf-8") as conf:
        conf.write("[token]\njwt_lifetyme = 60\n")
    answers = [(login(socket_path, LOGIN), login(socket_path, b" " * LARGE)) for _ in range(TIMES)]
    checks.check("where it could not begin anew it goes on", answers == [(200, 413)] * TIMES, answers)
    checks.check("it still ends as it should", responder.stop() == 0)
