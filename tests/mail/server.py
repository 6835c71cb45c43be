"""An SMTP server that takes mails or fails in a chosen way, and an authority of its own."""

import asyncio
import logging
import os
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER, PASSWORD = "doorward", "mail password"

logging.getLogger("mail.log").setLevel(logging.ERROR)  # it warns of its own habits


def make_authority(directory, name):
    """A certificate authority and a certificate of it for this host; returns the paths' start."""
    start = os.path.join(directory, name)
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-noenc", "-days", "2"]
    for arguments in (
            [*new, "-keyout", f"{start}.ca.key", "-out", f"{start}.ca", "-subj", f"/CN={name}"],
            [*new, "-keyout", f"{start}.key", "-out", f"{start}.pem", "-subj", "/CN=localhost",
             "-CA", f"{start}.ca", "-CAkey", f"{start}.ca.key",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
             "-addext", "basicConstraints=critical,CA:FALSE"]):
        subprocess.run(arguments, check=True, capture_output=True)
    return start


def tls_of(start):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{start}.pem", f"{start}.key")
    return context


def authenticate(_server, _session, _envelope, _mechanism, data):
    good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)  # it answers 235 or 535 itself


class Handler:
    """What the server does with a mail; mode is how it fails, or "well"."""

    def __init__(self):
        self.mode = "well"
        self.taken = []  # envelopes
        self.sessions = []  # of those: whether they were encrypted and logged in
        self.asked = 0  # mails it was asked to take, in vain or not

    # pylint: disable=invalid-name
    async def handle_MAIL(self, _server, _session, envelope, address, options):
        self.asked += 1
        if self.mode == "slow":
            await asyncio.sleep(4)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.mode == "refuse":
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.mode == "cut":
            server.transport.abort()
            return "451 never seen"
        if self.mode == "busy":
            return "451 4.3.0 try again later"
        self.taken.append(envelope)
        self.sessions.append((session.ssl is not None, bool(session.authenticated)))
        if self.mode == "steady":  # time to be killed in, before it knows
            await asyncio.sleep(0.02)
        return "250 taken"


class Server:
    """One such server on a free port; kind is "starttls", "tls", "plain"."""

    def __init__(self, kind="plain", authority=None, host="127.0.0.1", port=0, handler=None):
        self.handler = handler or Handler()
        options = {"hostname": host, "port": port}
        if kind == "starttls":
            options.update(tls_context=tls_of(authority), require_starttls=True, auth_required=True,
                           authenticator=authenticate)
        elif kind == "tls":
            options.update(ssl_context=tls_of(authority))
        self.controller = ListeningController(self.handler, **options)
        self.controller.start()
        self.port = self.controller.listening_port

    def stop(self):
        self.controller.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class ListeningController(Controller):
    """aiosmtpd's, on a port that the kernel chooses: then its own first connection finds nothing."""

    listening_port = 0

    def _create_server(self):
        creating = super()._create_server()

        async def create():
            server = await creating
            self.listening_port = server.sockets[0].getsockname()[1]
            self.port = self.listening_port
            return server

        return create()
