#!/usr/bin/env -S python3 -B
"""Clients that do not behave. Usage: hostile.py URL TOKEN BEHAVIOUR. The slow ones go on until they are
killed; the others end, with 1 where the server did what it must not, and then say what."""

import itertools
import select
import socket
import struct
import sys
import time
import urllib.parse

CLIENTS = 20   # at a time; pools under test have 3 responders
PAUSE = 0.2    # seconds between a slow client's bytes
PATIENCE = 20  # seconds until a server has to have answered, or hung up
MEBIBYTE = 1 << 20


class Target:
    def __init__(self, url, token):
        parts = urllib.parse.urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.mount = parts.path.rstrip("/")
        self.token = token

    def connect(self):
        return socket.create_connection(self.address, timeout=PATIENCE)

    def head(self, path, *headers):
        lines = (f"POST {self.mount}{path} HTTP/1.1", "Host: localhost", "Connection: close",
                 "Content-Type: application/json", f"Authorization: Bearer {self.token}", *headers)
        return "".join(f"{line}\r\n" for line in lines).encode()


def trickle(target, start, rest):
    """Sends the start at once, and then single bytes for ever. Who is hung up on comes again."""
    sockets = []
    for byte in itertools.cycle(rest):
        while len(sockets) < CLIENTS:
            sockets.append(target.connect())
            sockets[-1].sendall(start)
        time.sleep(PAUSE)
        for client in list(sockets):
            try:
                client.sendall(bytes([byte]))
            except OSError:
                sockets.remove(client)


def slow_header(target):
    trickle(target, target.head("/login/jwt/") + b"X-Slow: ", b"x")


def slow_body(target):
    trickle(target, target.head("/login/root/", "Content-Length: 40000") + b"\r\n", b" ")


def slow_large_body(target):
    """What fits into no buffer that a server may have in memory."""
    trickle(target, target.head("/ratings-bulk/", "Content-Length: 400000") + b"\r\n" + b" " * 200000,
            b" ")


def slow_chunks(target):
    trickle(target, target.head("/login/root/", "Transfer-Encoding: chunked") + b"\r\n40000\r\n", b" ")


def slow_reader(target):
    """Asks many times on one connection, and reads no answer."""
    asked = target.head("/login/jwt/", "Content-Length: 0").replace(b"close", b"keep-alive") + b"\r\n"
    sockets = [target.connect() for _ in range(CLIENTS)]
    for client in sockets:
        client.sendall(asked * 20)
    while sockets:
        time.sleep(PAUSE)


def hang_up(client, rudely):
    """Closes; rudely: by a reset, also of what is on its way."""
    if rudely:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def aborted_body(target):
    for number in range(5 * CLIENTS):
        with target.connect() as client:
            client.sendall(target.head("/login/root/", "Content-Length: 60000") + b"\r\n" + b" " * 30000)
            hang_up(client, number % 2)


def aborted_answer(target):
    for number in range(5 * CLIENTS):
        with target.connect() as client:
            client.sendall(target.head("/login/jwt/", "Content-Length: 0") + b"\r\n")
            time.sleep(number % 5 / 1000)
            hang_up(client, number % 2)


def refused(target, data, statuses):
    """Sends all, as far as it is taken. The answer must be one of these, or none at all."""
    with target.connect() as client:
        answer = b""
        try:
            for part in data:
                client.sendall(part)
                if select.select([client], [], [], 0)[0]:
                    break
        except OSError:
            pass  # it hung up, or its answer is there already
        try:
            while b"\r\n" not in answer and (got := client.recv(65536)):
                answer += got
        except ConnectionError:
            pass
    status = answer.split(b" ")[1:2]
    if status and status[0] not in statuses:
        sys.exit(f"answered {answer[:80]!r}")


def huge_header(target):
    for size in (MEBIBYTE, 16 * MEBIBYTE):
        parts = [target.head("/login/jwt/"), b"X-Huge: "] + [b"x" * 65536] * (size // 65536)
        refused(target, parts, (b"400", b"413", b"431"))


def many_headers(target):
    refused(target, [target.head("/login/jwt/")] + [b"X-Many: x\r\n" * 100] * 1000, (b"400", b"413", b"431"))


def huge_path(target):
    refused(target, [target.head("/" + "x" * MEBIBYTE) + b"\r\n"], (b"400", b"404", b"413", b"414", b"431"))


def absurd_length(target):
    for length in (10 ** 9, 10 ** 15, 10 ** 30):
        refused(target, [target.head("/login/root/", f"Content-Length: {length}") + b"\r\n"]
                + [b" " * 65536] * 16, (b"400", b"413"))


def endless_chunks(target):
    refused(target, [target.head("/login/root/", "Transfer-Encoding: chunked") + b"\r\n"]
            + [b"10000\r\n" + b" " * 65536 + b"\r\n"] * 1000, (b"400", b"413"))


BEHAVIOURS = {function.__name__.replace("_", "-"): function for function in (
    slow_header, slow_body, slow_large_body, slow_chunks, slow_reader, aborted_body, aborted_answer,
    huge_header, many_headers, huge_path, absurd_length, endless_chunks)}

if __name__ == "__main__":
    BEHAVIOURS[sys.argv[3]](Target(sys.argv[1], sys.argv[2]))
