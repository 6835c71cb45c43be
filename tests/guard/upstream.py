#!/usr/bin/env -S python3 -B
"""A proxied application: answers every request with the path, the headers and the body that it got. The
port it was given is in the file that its argument names."""

import http.server
import json
import os
import sys


class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = json.dumps({"path": self.path, "headers": self.headers.items(),
                             "body": body.decode()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    # also for a method in lower case, as applications have it that turn it into upper case
    do_HEAD = do_POST = do_post = do_Post = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
with open(sys.argv[1] + ".new", "w", encoding="ascii") as out:
    out.write(f"{server.server_port}\n")
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
