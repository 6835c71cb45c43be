"""What arrives in the Maildir, as another program reads it; templates; what the command says."""

import json
import os
import re
import stat

from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from mailing import FROM, FROM_NAME, Outbox, parse, text_of

PLAIN = {"email": "ann@example.com"}
NAMES = ["Jörg Müller-Straße", "李雷 😀", "O'Neil, Pat \"Paddy\" <x@y>", "a; b: c, (d) [e]",
         "x" * 60, "Maria " * 20 + "Sample"]
INJECTIONS = ["Eve\r\nBcc: victim@example.com", "Eve\nBcc: victim@example.com\n\nbody",
              "Eve\" <victim@example.com>, \"x", "Eve\rBcc: victim@example.com\u0085X: y",
              "=?utf-8?q?Eve=0D=0ABcc:_victim=40example.com?="]
ADDRESSES = {"eve,victim@example.com": '"eve,victim"@example.com',
             "<eve>@example.com": '"<eve>"@example.com',
             "o'neil+tag@example.com": "o'neil+tag@example.com",
             'say"hi\\@example.com': '"say\\"hi\\\\"@example.com'}


class Links(HTMLParser):
    """The links of an HTML page, and whatever would be fetched for it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.fetched, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if (tag, name) == ("a", "href"):
                self.links.append(value)
            elif name in ("src", "background", "srcset") or "url(" in (value or ""):
                self.fetched.append(value)
        if tag in ("link", "script", "img", "iframe"):
            self.fetched.append(tag)

    def handle_data(self, data):
        self.text += data


def each_kind(checks, outbox):
    queued = outbox.queue(*({**PLAIN, "email": f"{kind}@example.com", "kind": kind}
                            for kind in ("verify", "welcome", "reset")))
    counts = outbox.counts()
    checks.check("three kinds are delivered", counts and counts["delivered"] == 3, counts)
    messages = {message["to"].addresses[0].addr_spec: message for message in outbox.delivered()}
    for one in queued:
        message = messages.get(one.email)
        if not message:
            checks.check(f"{one.kind}: arrives", False, list(messages))
            continue
        html = Links(text_of(message, "html"))
        checks.check(f"{one.kind}: a message without defects in two alternatives", not message.defects
                     and message.get_content_type() == "multipart/alternative"
                     and [part.get_content_type() for part in message.iter_parts()]
                     == ["text/plain", "text/html"]
                     and all(part.get_content_charset() == "utf-8" and not part.defects
                             for part in message.iter_parts()), message.defects)
        checks.check(f"{one.kind}: the link is in both, and as text in both",
                     f"\n{one.link}\n" in text_of(message, "plain") and html.links == [one.link]
                     and one.link in html.text, html.links)
        checks.check(f"{one.kind}: nothing is fetched", not html.fetched, html.fetched)
        checks.check(f"{one.kind}: says until when, and that one may ignore it",
                     all("The link is good until " in text and "there is nothing to do" in text
                         and "UTC" in text for text in (html.text, text_of(message, "plain"))))
        sender = message["from"].addresses[0]
        checks.check(f"{one.kind}: headers", (sender.addr_spec, sender.display_name)
                     == (FROM, FROM_NAME) and message["auto-submitted"] == "auto-generated"
                     and message["message-id"].strip() == f"<{one.id}@example.com>"
                     and parsedate_to_datetime(message["date"]).tzinfo is not None
                     and message["subject"].endswith("Example"), message.items())


def names_and_addresses(checks, outbox):
    mails = [{"email": f"n{i}@example.com", "name": name, "organization": name}
             for i, name in enumerate(NAMES + INJECTIONS)]
    mails += [{"email": address, "name": "Eve"} for address in ADDRESSES]
    outbox.queue(*mails)
    counts = outbox.counts()
    checks.check("names and addresses of all kinds are delivered", counts["delivered"] == len(mails),
                 counts)
    got = {message["to"].addresses[0].addr_spec: message for message in outbox.delivered()}
    for i, name in enumerate(NAMES + INJECTIONS):
        message = got[f"n{i}@example.com"]
        clean = re.sub("[\x00-\x1f\x7f]", " ", name).replace("\u0085", "  ")
        header = clean.replace("=?", "= ?")  # what would be decoded
        checks.check(f"name {name[:30]!r}", len(message["to"].addresses) == 1
                     and message["to"].addresses[0].display_name == header
                     and not message.defects and not message["bcc"] and not message["x"]
                     and clean in text_of(message, "plain"),
                     (message["to"], message.defects))
        checks.check(f"subject with {name[:30]!r}", message["subject"].endswith(header.strip()),
                     message["subject"])
    for address, written in ADDRESSES.items():
        message = got.get(written)
        checks.check(f"address {address} is one", message and len(message["to"].addresses) == 1
                     and not message.defects, list(got))
    checks.check("names are escaped in HTML",
                 "&lt;x@y&gt;" in text_of(got["n2@example.com"], "html")
                 and "<x@y>" not in text_of(got["n2@example.com"], "html"))


def unwritable(checks, outbox):
    outbox.queue({"email": "ann@example.com>"})
    done = outbox.flush()
    waiting = outbox.waiting()
    checks.check("an address that no message can have stays, and says why", done.status == 1
                 and len(waiting) == 1 and "cannot be written" in waiting[0]["error"], waiting)
    outbox.run("mail", "drop", "--all")


def files(checks, outbox):
    mail = os.path.join(outbox.directory, "mail")
    paths = [mail, *(os.path.join(mail, name) for name in ("tmp", "new", "cur"))]
    names = os.listdir(paths[2])
    checks.check("folders are 0700", all(stat.S_IMODE(os.stat(path).st_mode) == 0o700
                                         for path in paths))
    checks.check("files are 0600", all(stat.S_IMODE(os.stat(os.path.join(paths[2], name)).st_mode)
                                       == 0o600 for name in names) and names)
    checks.check("names are unique in Maildir's way", all(
        re.fullmatch(r"\d+\.M\d{6}P\d+Q\d+\.[^/:]+", name) for name in names), names[:3])
    checks.check("nothing is left in tmp", not os.listdir(paths[1]))


def command(checks, outbox):
    first, second = outbox.queue({**PLAIN, "name": "Zoë"}, {**PLAIN, "kind": "reset"})
    listed = outbox.waiting()
    checks.check("list names all mails", {(mail["id"], mail["kind"], mail["to"], mail["attempts"],
                                           mail["error"]) for mail in listed}
                 == {(first.id, "verify", PLAIN["email"], 0, ""),
                     (second.id, "reset", PLAIN["email"], 0, "")}, listed)
    table = outbox.run("mail", "list").output + json.dumps(listed)
    checks.check("list has no code", first.code not in table and second.code not in table)
    shown = outbox.run("mail", "show", first.id)
    path = os.path.join(outbox.directory, "shown")
    with open(path, "w", encoding="utf-8") as file:
        file.write(shown.output)
    message = parse(path)
    masked = first.link.replace(first.code, "********")
    checks.check("show prints the message without its code", masked in text_of(message, "plain")
                 and Links(text_of(message, "html")).links == [masked]
                 and first.code not in re.sub("=\n", "", shown.output), shown)
    checks.check("show of what is not there fails", "there is no such mail"
                 in outbox.run("mail", "show", "x" * 22).errors)
    checks.check("drop takes one out", outbox.run("mail", "drop", first.id).status == 0
                 and [mail["id"] for mail in outbox.waiting()] == [second.id])
    checks.check("drop of what is not there fails", outbox.run("mail", "drop", first.id).status == 1)
    checks.check("drop wants to know what", outbox.run("mail", "drop").status == 2)
    checks.check("drop --all takes all out", outbox.run("mail", "drop", "--all").status == 0
                 and outbox.waiting() == [])
    before = len(outbox.delivered())
    done = outbox.run("mail", "test", "me@example.com")
    samples = [message for message in outbox.delivered()
               if message["to"].addresses[0].addr_spec == "me@example.com"]
    checks.check("test sends a sample of each kind", done.status == 0 and len(samples) == 3
                 and len(outbox.delivered()) == before + 3, done)
    checks.check("test wants an address", outbox.run("mail", "test", "me").status == 2)


def of_no_use(checks, outbox):
    old, new = outbox.queue(PLAIN, PLAIN)
    expired, = outbox.queue({"email": "late@example.com", "lifetime": -1})
    gone, = outbox.queue({"email": "gone@example.com"})
    outbox.state.admin("account", "delete", "gone@example.com")
    before = {message["message-id"] for message in outbox.delivered()}
    done = outbox.flush()
    sent = [message["message-id"].strip() for message in outbox.delivered()
            if message["message-id"] not in before]
    checks.check("only the newest code's mail is sent", sent == [f"<{new.id}@example.com>"],
                 (sent, done))
    for what, mail in (("superseded", old), ("expired", expired), ("without its account", gone)):
        checks.check(f"a mail that is {what} is dropped, and logged", f"mail {mail.id} (verify) to "
                     f"{mail.email} dropped" in done.errors, done)
    checks.check("nothing waits", outbox.waiting() == [] and done.status == 0, done)


def templates(checks, outbox):
    own = os.path.join(outbox.directory, "own")
    done = outbox.run("mail", "templates", own)
    written = sorted(os.listdir(own)) if done.status == 0 else []
    checks.check("templates writes nine files", written == sorted(
        f"{kind}.{part}" for kind in ("verify", "welcome", "reset")
        for part in ("subject", "txt", "html")), (written, done))
    again = outbox.run("mail", "templates", own)
    checks.check("templates overwrites nothing", again.status == 1 and "exists" in again.errors, again)
    outbox.configure(templates="own")
    for name in written:
        os.unlink(os.path.join(own, name))

    def write(name, data):
        with open(os.path.join(own, name), "wb") as file:
            file.write(data)

    write("verify.subject", "Grüße, {name}!\n".encode())
    write("verify.html", "<style>b {{ color: red }</style><p>{name}: {code}".encode())
    mail, = outbox.queue({**PLAIN, "name": "A & B"})
    outbox.flush()
    message = next(message for message in outbox.delivered() if mail.id in message["message-id"])
    checks.check("an operator's templates replace ours, file by file",
                 message["subject"] == "Grüße, A & B!" and text_of(message, "html").strip()
                 == f"<style>b {{ color: red }}</style><p>A &amp; B: {mail.code}"
                 and "there is nothing to do" in text_of(message, "plain"), message.as_string())
    mail, = outbox.queue(PLAIN)
    for name, data, why in (("reset.txt", b"a\nb {colour}\n", "reset.txt:2: unknown placeholder "
                             "{colour}"), ("reset.txt", b"\n\n{name", "reset.txt:3: no } after {name"),
                            ("reset.txt", b"\xff", "reset.txt:1: this is not UTF-8"),
                            ("verify.subject", b"a\nb\n", "verify.subject:2: a subject is one line")):
        write(name, data)
        for arguments in (("flush",), ("flush", "--quiet"), ("show", mail.id),
                          ("test", "me@example.com")):
            done = outbox.run("mail", *arguments)
            checks.check(f"{arguments[0]} refuses {data!r}", done.status == 1
                         and f"{own}/{why}" in done.errors, done)
        write(name, b"fine\n")
    waiting = outbox.waiting()
    checks.check("the mail waits meanwhile, and is then sent", len(waiting) == 1
                 and waiting[0]["attempts"] == 0 and outbox.counts()["delivered"] == 1, waiting)


def run(checks, place):
    outbox = Outbox(place, "messages")
    for test in (each_kind, names_and_addresses, unwritable, files, command, of_no_use, templates):
        test(checks, outbox)
