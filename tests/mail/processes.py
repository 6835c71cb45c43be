"""Many flushes at once, flushes that are killed, flushes that a responder starts."""

import json
import os
import subprocess
import time

from collections import Counter
from harness import wait_until
from mailing import Outbox
from server import Server

MAILS = 50
KILLS = 6


def identities(messages):
    return Counter(message["message-id"].strip() for message in messages)


def wanted(mails):
    return {f"<{mail.id}@example.com>" for mail in mails}


def at_once(checks, place):
    outbox = Outbox(place, "at-once")
    mails = outbox.queue(*({"email": f"a{i}@example.com"} for i in range(MAILS)))
    flushes = [subprocess.Popen(outbox.command("--json", "mail", "flush"), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(8)]
    answers = [json.loads(flush.communicate()[0]) for flush in flushes]
    got = identities(outbox.delivered())
    checks.check(f"8 flushes at once deliver each of {MAILS} mails once", set(got) == wanted(mails)
                 and set(got.values()) == {1}, got.most_common(3))
    checks.check("all of them succeed", all(flush.returncode == 0 for flush in flushes))
    checks.check("what they say they delivered is that", sum(answer["delivered"]
                 for answer in answers) == MAILS, answers)


def in_turn(checks, place):
    """While one delivers slowly: a second waits and delivers what came later, a third leaves."""
    with Server() as server:
        server.handler.mode = "slow"
        outbox = Outbox(place, "in-turn", transport="smtp", smtp_starttls="off", timeout=30,
                        smtp_url=f"smtp://127.0.0.1:{server.port}")
        outbox.queue({"email": "first@example.com"})
        first = subprocess.Popen(outbox.command("mail", "flush"), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        wait_until(lambda: server.handler.asked == 1, "the first mail to be on its way")
        server.handler.mode = "well"
        began = int(time.time())
        wait_until(lambda: int(time.time()) > began, "the next second: the first has what is older")
        outbox.queue({"email": "second@example.com"})
        second = subprocess.Popen(outbox.command("--json", "mail", "flush"),
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        wait_until(lambda: holder(outbox, "mail.wait") == second.pid, "the second to wait")
        outbox.queue({"email": "third@example.com"})
        answer = outbox.counts()
        checks.check("a third leaves at once", answer["left_to_another"]
                     and answer["delivered"] == 0 and first.poll() is None, answer)
        answer = json.loads(second.communicate()[0])
        first.wait()
        checks.check("the second delivers what the third found", answer["delivered"] == 2
                     and not answer["left_to_another"] and outbox.waiting() == []
                     and len(server.handler.taken) == 3, answer)


def holder(outbox, name):
    """The process that holds a lock file, as the kernel says."""
    path = os.path.join(outbox.directory, name)
    inode = os.stat(path).st_ino if os.path.exists(path) else None
    with open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            fields = line.split()
            if fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
                return int(fields[4])
    return None


def killed(checks, place):
    """SIGKILL midway, again and again: nothing is lost, and each kill doubles one mail at most."""
    with Server() as server:
        server.handler.mode = "steady"
        outbox = Outbox(place, "killed", transport="smtp", smtp_starttls="off",
                        smtp_url=f"smtp://127.0.0.1:{server.port}")
        mails = outbox.queue(*({"email": f"k{i}@example.com"} for i in range(MAILS)))
        kills = 0
        for number in range(KILLS):
            flush = subprocess.Popen(outbox.command("mail", "flush", "--quiet"),
                                     stderr=subprocess.DEVNULL)
            enough = (number + 1) * MAILS // (KILLS + 2)
            wait_until(lambda enough=enough, flush=flush: len(server.handler.taken) >= enough
                       or flush.poll() is not None, "some mails to arrive")
            kills += flush.poll() is None
            flush.kill()
            flush.wait()
        answer = outbox.counts()
        got = Counter(envelope.rcpt_tos[0] for envelope in server.handler.taken)
        doubled = sum(got.values()) - len(got)
    print(f"        processes: {kills} killed, {doubled} of {MAILS} mails doubled")
    checks.check(f"{KILLS} flushes were killed midway", kills == KILLS, kills)
    checks.check("none of the mails is lost", set(got) == {mail.email for mail in mails}
                 and outbox.waiting() == [], (len(got), answer))
    checks.check("a kill doubles one mail at most", doubled <= kills, got.most_common(3))


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return file.read().split()


class Responder:
    """A process that queues mails and starts their delivery, and goes on."""

    def __init__(self, outbox, environment=None):
        self.log = os.path.join(outbox.directory, "responder.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [os.path.join(outbox.programs, "queue"), outbox.state.conf, "--start"], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env={**os.environ, **(environment or {})})

    def queue(self, email):
        """Queues a mail; returns how long that took, from asking to its being queued."""
        start = time.monotonic()
        self.process.stdin.write(json.dumps({"kind": "verify", "email": email, "name": "Ann",
                                             "organization": "Example"}) + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        return time.monotonic() - start

    def said(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def stop(self):
        self.process.stdin.close()
        return self.process.wait()


def started(checks, place):
    """background_start(): the mails go out by themselves, and nothing remains in the process."""
    outbox = Outbox(place, "started")
    responder = Responder(outbox)
    for i in range(10):
        responder.queue(f"s{i}@example.com")
    wait_until(lambda: len(outbox.delivered()) == 10, "the mails to be delivered")
    wait_until(lambda: not children(responder.process.pid), "the flushes to be gone, no zombie left")
    got = Counter(message["to"] for message in outbox.delivered())
    checks.check("mails go out by themselves, once each", len(got) == 10
                 and set(got.values()) == {1}, got)
    checks.check("the log says so", responder.said().count("delivered") == 10, responder.said())
    os.unlink(os.path.join(outbox.programs, "doorward"))
    responder.queue("waits@example.com")
    wait_until(lambda: "cannot start" in responder.said() or not os.path.exists(responder.log),
               "the log to say that there is no command")
    checks.check("without the command one line says that the mail waits",
                 responder.said().count("a mail waits: No such file") == 1, responder.said())
    checks.check("the process ends well", responder.stop() == 0)


def environment_of_start(checks, place):
    """The flush has a session, descriptors and an environment of its own."""
    with Server() as server:
        server.handler.mode = "slow"
        outbox = Outbox(place, "environment", transport="smtp", smtp_starttls="off",
                        smtp_url=f"smtp://127.0.0.1:{server.port}")
        responder = Responder(outbox, {"HTTP_AUTHORIZATION": "Bearer x", "QUERY_STRING": "code=1"})
        longest = max(responder.queue(f"e{i}@example.com") for i in range(3))
        wait_until(lambda: server.handler.asked, "the mail to be on its way")
        pid = holder(outbox, "mail.lock")
        with open(f"/proc/{pid}/environ", "rb") as file:
            environment = file.read().split(b"\0")
        links = {number: os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1, 2)}
        checks.check("nobody waits for a slow server", longest < 1, f"{longest:.1f} s")
        checks.check("a session of its own", os.getsid(pid) == pid)
        checks.check("the client's request is not in its environment", not any(
            entry.startswith((b"HTTP_", b"QUERY")) for entry in environment) and
            f"DOORWARD_CONF={outbox.state.conf}".encode() in environment, environment)
        checks.check("its input and output are nowhere, its errors in the log",
                     (links[0], links[1], links[2]) == ("/dev/null", "/dev/null", responder.log),
                     links)
        checks.check("the responder ends without it", responder.stop() == 0)
        checks.check("it lives on", os.path.exists(f"/proc/{pid}"))
        server.handler.mode = "well"
        wait_until(lambda: outbox.waiting() == [] and holder(outbox, "mail.lock") is None,
                   "the mails to be delivered", 30)
        checks.check("and delivers", len(server.handler.taken) == 3)


def no_pipe_kept(checks, place):
    """A server that reads a CGI program's standard error to its end does not wait for the flush."""
    with Server() as server:
        server.handler.mode = "slow"
        outbox = Outbox(place, "pipe", transport="smtp", smtp_starttls="off",
                        smtp_url=f"smtp://127.0.0.1:{server.port}")
        start = time.monotonic()
        done = subprocess.run(
            [os.path.join(outbox.programs, "queue"), outbox.state.conf, "--start"],
            input=b'{"kind": "reset", "email": "c@example.com", "name": "", "organization": "E"}\n',
            capture_output=True, env={**os.environ, "GATEWAY_INTERFACE": "CGI/1.1"}, check=False)
        took = time.monotonic() - start
        checks.check("a CGI program's output ends with it", done.returncode == 0
                     and took < 2 and server.handler.taken == [], f"{took:.1f} s")
        wait_until(lambda: server.handler.taken, "the mail to be delivered")


def run(checks, place):
    for test in (at_once, in_turn, killed, started, environment_of_start, no_pipe_kept):
        test(checks, place)
