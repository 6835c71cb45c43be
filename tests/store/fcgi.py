"""A responder without a web server: started on a Unix socket as FastCGI says (the socket is its file
0), and spoken to directly, which is quick enough for a hundred thousand requests."""

import os
import signal
import socket
import struct
import subprocess

from harness import Answer, is_alive

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7
ROLE_RESPONDER = 1
KEEP_CONNECTION = 1
HEADER = struct.Struct(">BBHHBx")
RECORD_MOST = 0xffff


class Responder:
    """One process of a responder program."""

    def __init__(self, place, program, environment, socket_path, log):
        self.place = place
        self.socket_path = socket_path
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(socket_path)
        listening.listen(16)
        self.process = subprocess.Popen([program], stdin=listening, stdout=log, stderr=log,
                                        env={**os.environ, **environment})
        listening.close()
        place.running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        """Ends it as a web server does; returns its exit status."""
        if self in self.place.running:
            self.place.running.remove(self)
        if is_alive(self.pid):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)


class Headers(dict):
    """CGI answer headers, found without regard to case."""

    def get(self, name, otherwise=None):
        return super().get(name.lower(), otherwise)

    def __contains__(self, name):
        return super().__contains__(name.lower())


def _length(value):
    size = len(value)
    return bytes([size]) if size < 128 else struct.pack(">I", size | 1 << 31)


def pairs(parameters):
    """The name-value pairs of FastCGI section 3.4."""
    parts = []
    for name, value in parameters.items():
        name, value = name.encode(), value.encode("utf-8", "surrogateescape")
        parts += [_length(name), _length(value), name, value]
    return b"".join(parts)


def stream(kind, data):
    """The records of a whole stream, with the empty one that ends it."""
    parts = []
    for start in range(0, len(data), RECORD_MOST):
        piece = data[start:start + RECORD_MOST]
        parts += [HEADER.pack(1, kind, 1, len(piece), 0), piece]
    parts.append(HEADER.pack(1, kind, 1, 0, 0))
    return b"".join(parts)


def begin(role, flags):
    """The record that begins a request."""
    content = struct.pack(">HB5x", role, flags)
    return HEADER.pack(1, BEGIN_REQUEST, 1, len(content), 0) + content


class Connection:
    """A kept FastCGI connection to a responder."""

    def __init__(self, socket_path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(socket_path)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def call(self, method, uri, body=b"", content_type=None, authorization=None):
        """Sends one request; returns the answer."""
        self.begin(method, uri, len(body), content_type, authorization)
        return self.finish(body)

    def begin(self, method, uri, length, content_type=None, authorization=None):
        """Sends all of a request but its body, with the parameters lighttpd would give it."""
        path, _, query = uri.partition("?")
        parameters = {
            "REQUEST_METHOD": method, "REQUEST_URI": uri, "SCRIPT_NAME": path,
            "QUERY_STRING": query, "CONTENT_LENGTH": str(length),
            "SERVER_PROTOCOL": "HTTP/1.1", "GATEWAY_INTERFACE": "CGI/1.1",
            "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        }
        if content_type is not None:
            parameters["CONTENT_TYPE"] = content_type
        if authorization is not None:
            parameters["HTTP_AUTHORIZATION"] = authorization
        self.socket.sendall(begin(ROLE_RESPONDER, KEEP_CONNECTION)
                            + stream(PARAMS, pairs(parameters)))

    def finish(self, body):
        """Sends the body; returns the answer."""
        self.socket.sendall(stream(STDIN, body))
        return self._answer()

    def _answer(self):
        output = []
        while True:
            header = self.file.read(HEADER.size)
            if len(header) < HEADER.size:
                raise ConnectionError("the responder closed the connection")
            _, kind, _, length, padding = HEADER.unpack(header)
            content = self.file.read(length + padding)[:length]
            if kind == STDOUT:
                output.append(content)
            elif kind == END_REQUEST:
                return _parse(b"".join(output))


def _parse(output):
    head, _, data = output.partition(b"\r\n\r\n")
    headers = Headers()
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Answer(int(headers.get("status", "200").split()[0]), headers, data)
