"""A real SMTP server: TLS and its certificates, logging in, and all the ways a server can fail."""

import email
import email.policy
import time

from harness import free_port
from mailing import FROM, Outbox, text_of
from server import PASSWORD, USER, Server, make_authority

ANN = {"email": "ann@example.com", "name": "Jörg 😀"}


def taken(server):
    return [email.message_from_bytes(envelope.content, policy=email.policy.default)
            for envelope in server.handler.taken]


def well(checks, place, authority):
    with Server("starttls", authority) as server:
        outbox = Outbox(place, "starttls", transport="smtp", smtp_user=USER, smtp_password=PASSWORD,
                        smtp_ca=f"{authority}.ca", smtp_url=f"smtp://localhost:{server.port}")
        mails = outbox.queue(ANN, {"email": "eve,bob@example.com"},
                             {"email": "x@example.com", "name": "X\r\nBcc: y@example.com\r\n.\r\n"})
        done = outbox.flush()
        got = taken(server)
        envelopes = [(one.mail_from, one.rcpt_tos) for one in server.handler.taken]
    checks.check("over STARTTLS and logged in, all are taken", done.status == 0 and len(got) == 3
                 and server.handler.sessions == [(True, True)] * 3, done)
    checks.check("the envelope names sender and recipient", sorted(envelopes) == sorted(
        (FROM, [address]) for address in ("ann@example.com", '"eve,bob"@example.com',
                                          "x@example.com")), envelopes)
    message = next(one for one in got if one["to"].addresses[0].addr_spec == "ann@example.com")
    checks.check("the message is whole", not message.defects and mails[0].link + "\n" in
                 text_of(message, "plain").replace("\r\n", "\n") and mails[0].link.replace(
                     "&", "&amp;") in text_of(message, "html")
                 and message["to"].addresses[0].display_name == ANN["name"], message.as_string())
    checks.check("no header is injected", not any(one["bcc"] for one in got))


def several_kinds(checks, place, authority):
    for kind, host, url, settings in (
            ("tls", "127.0.0.1", "smtps://localhost", {"smtp_ca": f"{authority}.ca"}),
            ("starttls", "::1", "smtp://[::1]", {"smtp_ca": f"{authority}.ca", "smtp_user": USER,
                                                 "smtp_password": PASSWORD}),
            ("plain", "127.0.0.1", "smtp://127.0.0.1", {"smtp_starttls": "off"})):
        with Server(kind, authority, host) as server:
            outbox = Outbox(place, f"kind-{kind}-{len(host)}", transport="smtp",
                            smtp_url=f"{url}:{server.port}", **settings)
            outbox.queue(ANN)
            done = outbox.flush()
            checks.check(f"{url} with {kind}", done.status == 0 and len(taken(server)) == 1, done)


def refusals(checks, place, authority):
    """What must not go out: to a server that nobody vouches for, in the clear, logged in wrongly."""
    other = make_authority(place.directory, "other")
    good = {"smtp_ca": f"{authority}.ca", "smtp_user": USER, "smtp_password": PASSWORD}
    for what, kind, host, settings in (
            ("another authority", "starttls", "localhost", {**good, "smtp_ca": f"{other}.ca"}),
            ("the system's authorities", "starttls", "localhost", {**good, "smtp_ca": None}),
            ("a host that the certificate does not name", "starttls", "127.1.1.1", good),
            ("another password", "starttls", "localhost", {**good, "smtp_password": "x"}),
            ("no TLS on offer", "plain", "localhost", {})):
        with Server(kind, authority, host.replace("localhost", "127.0.0.1")) as server:
            outbox = Outbox(place, f"refusal {what}", transport="smtp",
                            smtp_url=f"smtp://{host}:{server.port}",
                            **{key: value for key, value in settings.items() if value})
            outbox.queue(ANN)
            done = outbox.flush()
            waiting = outbox.waiting()
            checks.check(f"{what}: refused, and the mail stays", done.status == 1
                         and len(waiting) == 1 and waiting[0]["attempts"] == 1
                         and waiting[0]["error"] and not server.handler.asked, (done, waiting))
            checks.check(f"{what}: the password is not in what is said",
                         PASSWORD not in done.errors + str(waiting), done)
            print(f"        smtp: {what}: {waiting[0]['error']}")


def failures(checks, place):
    """The mail stays, with a reason and a pause that grows; then it is delivered once."""
    port = free_port()
    outbox = Outbox(place, "failures", transport="smtp", smtp_url=f"smtp://127.0.0.1:{port}",
                    smtp_starttls="off", timeout=1)
    outbox.queue(ANN)
    attempts = 0
    for what, mode, why in (("down", None, "connect"), ("slow", "slow", "timed out"),
                            ("refusing the recipient", "refuse", "550 5.1.1 nobody of that name"),
                            ("closing after the data", "cut", ""),
                            ("busy", "busy", "451 4.3.0 try again later")):
        server = Server(port=port) if mode else None
        if server:
            server.handler.mode = mode
        start = time.time()
        done = outbox.flush(*(["--all"] if attempts else []))
        end = time.time()
        attempts += 1
        pause = 60 * 2 ** (attempts - 1)
        waiting = outbox.waiting()
        checks.check(f"{what}: the mail stays, attempt {attempts}", len(waiting) == 1
                     and waiting[0]["attempts"] == attempts and waiting[0]["error"]
                     and why.lower() in waiting[0]["error"].lower()
                     and "\n" not in waiting[0]["error"], waiting)
        checks.check(f"{what}: it is due again after {pause} s", waiting
                     and start + pause - 2 <= waiting[0]["due"] <= end + pause + 1,
                     waiting and waiting[0]["due"] - start)
        checks.check(f"{what}: the flush fails and says why, within its time", done.status == 1
                     and done.errors.count(waiting[0]["error"]) == 2 and end - start < 3.5, done)
        if server:
            checks.check(f"{what}: the server has nothing", server.handler.taken == []
                         and server.handler.asked >= 1)
            server.stop()
    with Server(port=port) as server:
        early = outbox.counts()
        checks.check("before its time it is not tried", early["failed"] == early["delivered"] == 0
                     and not server.handler.asked, early)
        quiet = outbox.flush("--all", "--quiet")
        checks.check("when the server is well it is delivered once", quiet.status == 0
                     and quiet.output == "" and len(server.handler.taken) == 1
                     and outbox.waiting() == [], quiet)


def one_of_many(checks, place):
    """A mail that is refused does not keep the next from going out."""
    with Server() as server:
        outbox = Outbox(place, "many", transport="smtp", smtp_starttls="off",
                        smtp_url=f"smtp://127.0.0.1:{server.port}")
        refuse = server.handler.handle_RCPT

        async def refuse_one(smtp, session, envelope, address, options):
            server.handler.mode = "refuse" if address.startswith("bad") else "well"
            return await refuse(smtp, session, envelope, address, options)

        server.handler.handle_RCPT = refuse_one
        outbox.queue(*({"email": f"{name}@example.com"} for name in ("a", "bad", "b", "c")))
        counts = outbox.counts()
        checks.check("the others go out", counts["delivered"] == 3 and counts["failed"] == 1
                     and [mail["to"] for mail in outbox.waiting()] == ["bad@example.com"], counts)
        quiet = outbox.flush("--all", "--quiet")
        checks.check("--quiet makes no failure of it, but logs it", quiet.status == 0
                     and quiet.output == "" and quiet.errors.count("\n") == 1
                     and "not delivered, attempt 2" in quiet.errors, quiet)


def run(checks, place):
    authority = make_authority(place.directory, "authority")
    well(checks, place, authority)
    several_kinds(checks, place, authority)
    refusals(checks, place, authority)
    failures(checks, place)
    one_of_many(checks, place)
