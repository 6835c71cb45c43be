#!/usr/bin/env -S python3 -B
"""attack.py PORT TOKEN: sends each path of standard input as it is, with no token and with that one, and
says which of them let something secret be seen, or got an answer that is none of a refusal."""

import socket
import sys

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]


def ask(path, token):
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    request = (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n{authorization}"
               "Connection: close\r\n\r\n").encode()
    answer = b""
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as connection:
        connection.sendall(request)
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
    return answer


tried = seen = 0
for line in sys.stdin:
    path = line.rstrip("\n")
    tried += 1
    for token in ("", TOKEN):
        answer = ask(path, token)
        status = answer.split(b" ")[1:2]
        if b"SECRET" in answer or b"Traceback" in answer or not status or status[0] >= b"500":
            seen += 1
            print(f"{path}: {answer[:200]!r}")
print(f"{tried} tried, {seen} seen")
