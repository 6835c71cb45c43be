#!/usr/bin/env -S python3 -B
"""A web server that connects to a responder and takes its time, and meanwhile the responder gets a signal.
Usage: late.py SOCKET PID SIGNAL. Prints the answer to GET /health (FastCGI specification, sections 3 and 5)."""

import os
import signal
import socket
import struct
import sys
import time

BEGIN, PARAMS, STDIN, STDOUT = 1, 4, 5, 6
RESPONDER = 1


def record(kind, content=b""):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name, value):
    return struct.pack("BB", len(name), len(value)) + name.encode() + value.encode()


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def main(path, pid, name):
    before = descriptors(pid)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        while descriptors(pid) == before:
            time.sleep(0.01)
        os.kill(int(pid), getattr(signal, name))
        parameters = pair("REQUEST_METHOD", "GET") + pair("REQUEST_URI", "/health")
        connection.sendall(record(BEGIN, struct.pack(">HB5x", RESPONDER, 0)) +
                           record(PARAMS, parameters) + record(PARAMS) + record(STDIN))
        answer = connection.makefile("rb")
        while header := answer.read(8):
            _, kind, _, length, padding = struct.unpack(">BBHHBx", header)
            content = answer.read(length + padding)[:length]
            if kind == STDOUT:
                sys.stdout.write(content.decode())


if __name__ == "__main__":
    main(*sys.argv[1:4])
