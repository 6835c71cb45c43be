"""What the tests of mail share: a state directory whose outbox they fill and flush."""

import email
import email.policy
import glob
import json
import os
import re
import shutil
import subprocess

FROM = "doorward@example.com"
FROM_NAME = "Dörward & Co."


class Done:
    """An ended run of the command."""

    def __init__(self, status, output, errors):
        self.status = status
        self.output = output
        self.errors = errors

    def __repr__(self):
        return f"status {self.status}, {self.output!r}, {self.errors!r}"


class Queued:
    """A mail as it was put into the outbox."""

    def __init__(self, wanted, mail_id, link):
        self.kind = wanted["kind"]
        self.email = wanted["email"]
        self.name = wanted["name"]
        self.id = mail_id
        self.link = link
        self.code = re.search("code=([^&]*)", link).group(1)


class Outbox:
    """A state directory and the mails in it."""

    def __init__(self, place, name, **settings):
        self.place = place
        self.state = place.state(name)
        self.directory = self.state.directory
        self.programs = os.path.join(self.directory, "bin")
        os.mkdir(self.programs)
        for program in ("doorward", "tests/mail/queue"):
            shutil.copy(place.program(program), self.programs)
        self.configure(**settings)

    def configure(self, **settings):
        """Writes the configuration anew, with these settings of [mail]."""
        settings = {"from": FROM, "from_name": FROM_NAME, **settings}
        with open(self.state.conf, "w", encoding="utf-8") as conf:
            conf.write("[password]\ncost = 1\n[mail]\n")
            conf.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def command(self, *arguments):
        return [os.path.join(self.programs, "doorward"), "--config", self.state.conf, *arguments]

    def run(self, *arguments, **options):
        """Runs the command, whatever becomes of it."""
        done = subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, text=True,
                              check=False, capture_output=True, **options)
        return Done(done.returncode, done.stdout, done.stderr)

    def queue(self, *mails):
        """Puts mails into the outbox; each is a dict, of which only the email must be there."""
        wanted = [{"kind": "verify", "name": "Ann", "organization": "Example", **mail}
                  for mail in mails]
        done = subprocess.run([os.path.join(self.programs, "queue"), self.state.conf], text=True,
                              input="".join(json.dumps(one) + "\n" for one in wanted), check=True,
                              stdout=subprocess.PIPE)
        return [Queued(one, *line.split("\t"))
                for one, line in zip(wanted, done.stdout.splitlines())]

    def flush(self, *options):
        return self.run("mail", "flush", *options)

    def counts(self, *options):
        """Flushes; what that says it did, or None."""
        done = self.run("--json", "mail", "flush", *options)
        return json.loads(done.output) if done.output else None

    def waiting(self):
        return json.loads(self.run("--json", "mail", "list").output)

    def delivered(self):
        """The messages in the Maildir, parsed."""
        return [parse(path) for path in sorted(glob.glob(f"{self.directory}/mail/new/*"))]


def parse(path):
    with open(path, "rb") as file:
        return email.message_from_binary_file(file, policy=email.policy.default)


def text_of(message, subtype):
    """The text of one of the two alternatives."""
    part = message.get_body((subtype,))
    return part.get_content() if part else ""
