"""The sendmail command: a real one in front of a real server, and ones that fail."""

import email
import email.policy
import os
import time

from harness import is_alive
from mailing import FROM, Outbox, text_of
from server import PASSWORD, USER, Server, make_authority


def real(checks, place):
    authority = make_authority(place.directory, "sendmail")
    with Server("starttls", authority) as server:
        conf = os.path.join(place.directory, "msmtprc")
        with open(conf, "w", encoding="ascii") as file:
            file.write(f"account default\nhost localhost\nport {server.port}\ntls on\n"
                       f"tls_starttls on\ntls_trust_file {authority}.ca\nauth on\nuser {USER}\n"
                       f"password {PASSWORD}\n")
        os.chmod(conf, 0o600)
        outbox = Outbox(place, "sendmail", transport="sendmail",
                        sendmail=f"/usr/sbin/sendmail -C {conf} -t -i")
        mails = outbox.queue({"email": "ann@example.com", "name": "Jörg\r\nBcc: x@example.com"},
                             {"email": "eve,bob@example.com", "name": "Eve"})
        done = outbox.flush()
        got = {envelope.rcpt_tos[0]: envelope for envelope in server.handler.taken}
        checks.check("a real sendmail takes the mails to one recipient each", done.status == 0
                     and sorted(got) == ['"eve,bob"@example.com', "ann@example.com"]
                     and all(len(one.rcpt_tos) == 1 and one.mail_from == FROM
                             for one in server.handler.taken), (done, list(got)))
        message = email.message_from_bytes(got["ann@example.com"].content,
                                           policy=email.policy.default)
        checks.check("the message is whole", not message.defects and not message["bcc"]
                     and mails[0].link in text_of(message, "plain"), message.as_string())
        server.handler.mode = "refuse"
        outbox.queue({"email": "ann@example.com"})
        done = outbox.flush()
        waiting = outbox.waiting()
        checks.check("what it says first about a failure is kept", done.status == 1
                     and len(waiting) == 1 and "exited with status" in waiting[0]["error"]
                     and "not accepted by the server" in done.errors, (done, waiting))
        server.handler.mode = "well"
        before = len(server.handler.taken)
        checks.check("then it is delivered once", outbox.counts("--all")["delivered"] == 1
                     and len(server.handler.taken) == before + 1 and outbox.waiting() == [])


def script(outbox, text):
    path = os.path.join(outbox.directory, "program")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o700)
    return path


def failing(checks, place):
    outbox = Outbox(place, "failing")
    large = os.path.join(outbox.directory, "large")  # more than a pipe takes
    os.mkdir(large)
    with open(os.path.join(large, "verify.txt"), "w", encoding="ascii") as file:
        file.write("a line of many {link}\n" * 10_000)
    pid = os.path.join(outbox.directory, "pid")
    rows = (
        ("an exit status", "cat >/dev/null; echo no room >&2; echo more >&2; exit 75",
         "exited with status 75: no room"),
        ("a message not read", "exec <&-; exit 0", "did not read the whole message"),
        ("a signal", "cat >/dev/null; kill -9 $$", "was ended by signal 9"),
        ("much to say", "yes | head -c 300000 >&2; cat >/dev/null; exit 1", "exited with status 1: y"),
        ("silence", f"echo $$ >{pid}; sleep 60", "took longer than 1 s"),
    )
    outbox.queue({"email": "ann@example.com"})
    for what, text, why in rows:
        outbox.configure(transport="sendmail", timeout=1, sendmail=script(outbox, text),
                         templates=large)
        start = time.monotonic()
        done = outbox.flush("--all")
        waiting = outbox.waiting()
        checks.check(f"{what}: kept, with the reason", done.status == 1 and len(waiting) == 1
                     and waiting[0]["error"].endswith(why), (done, waiting))
        checks.check(f"{what}: in time", time.monotonic() - start < 3)
    with open(pid, encoding="ascii") as file:
        checks.check("who took too long is gone", not is_alive(int(file.read())))
    outbox.configure(transport="sendmail", sendmail="/nowhere/sendmail -t")
    done = outbox.flush("--all")
    checks.check("a program that is not there", done.status == 1
                 and "/nowhere/sendmail: No such file or directory" in done.errors, done)
    arguments = os.path.join(outbox.directory, "arguments")
    outbox.configure(transport="sendmail", sendmail=script(
        outbox, f'printf "%s\\n" "$@" >{arguments}; cat >/dev/null') + "  -t   $HOME;x")
    checks.check("then it is delivered", outbox.counts("--all")["delivered"] == 1)
    outbox.queue({"email": "ann@example.com"})
    size = os.path.join(outbox.directory, "size")
    outbox.configure(transport="sendmail", templates=large, sendmail=script(
        outbox, f"wc -c >{size}"))
    outbox.flush()
    with open(size, encoding="ascii") as file:
        checks.check("all of a large message arrives", int(file.read()) > 500_000)
    with open(arguments, encoding="ascii") as file:
        checks.check("its words are split at spaces, and no shell reads them",
                     file.read().split("\n") == ["-t", "$HOME;x", "-f", FROM, ""])


def run(checks, place):
    real(checks, place)
    failing(checks, place)
