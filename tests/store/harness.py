"""What the tests of the store and the benchmarks share: a state directory, a lighttpd that serves it,
a client for its API, and the counting of checks."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOT_EMAIL = "root@example.com"
ROOT_PASSWORD = "a root's own password"


class Checks:
    """Counts what was checked and says what failed."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"ok      {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}: {detail}", flush=True)

    def summary(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def wait_until(condition, what, seconds=15):
    """Polls until the condition gives something true, and returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {seconds} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Workplace:
    """A temporary folder, the programs under test, and everything started; all gone on exit."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.directory = tempfile.mkdtemp(prefix="doorward-store-")
        self.running = []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        for server in list(self.running):
            server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def program(self, name):
        return os.path.join(self.build, name)

    def state(self, name, **settings):
        return State(self, os.path.join(self.directory, name), settings)


class State:
    """An initialised state directory. Settings are named section_key: password_cost="1". Hashes are
    cheap and nobody is slowed down unless a setting says so."""

    def __init__(self, place, directory, settings):
        self.place = place
        self.directory = directory
        self.conf = os.path.join(directory, "doorward.conf")
        os.mkdir(directory, 0o700)
        self._write_configuration({"password_cost": 1, "throttle_enabled": "false",
                                    "log_target": "stderr", **settings})
        self.admin("init", "--email", ROOT_EMAIL, "--org", "Example", password=ROOT_PASSWORD)

    def _write_configuration(self, settings):
        with open(self.conf, "w", encoding="utf-8") as conf:
            for setting, value in settings.items():
                section, key = setting.split("_", 1)
                conf.write(f"[{section}]\n{key} = {value}\n")

    def admin(self, *arguments, password=None):
        """Runs the admin command; returns what it prints."""
        done = subprocess.run(
            [self.place.program("doorward"), "--config", self.conf, *arguments],
            input=f"{password}\n" if password else "", text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise RuntimeError(f"doorward {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def log_files(self):
        """The names and sizes of the store's log files."""
        store = os.path.join(self.directory, "store")
        return {name: os.path.getsize(os.path.join(store, name))
                for name in os.listdir(store) if name.startswith("log.")}

    def serve(self, responders=4, program=None):
        return Lighttpd(self, responders, program or self.place.program("doorward.fcgi"))

    def guard(self, folder, responders=4, program=None):
        """A server of the files in a folder, with the API at /auth/ and the program as authorizer."""
        return Lighttpd(self, responders, program or self.place.program("doorward.fcgi"),
                        "guard-lighttpd.conf", "/auth", folder)


class Lighttpd:
    """A lighttpd on a free port that starts the responders of one state directory."""

    def __init__(self, state, responders, program, include="lighttpd.conf", mount="", root=None):
        self.place = state.place
        self.mount = mount
        self.state = state
        self.port = free_port()
        self.log = os.path.join(state.directory, f"lighttpd-{self.port}.log")
        conf = os.path.join(state.directory, f"lighttpd-{self.port}.conf")
        sockets = os.path.join(state.directory, f"sockets-{self.port}")
        os.makedirs(os.path.join(sockets, "site"))
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f"""
server.port = {self.port}
server.bind = "127.0.0.1"
server.max-keep-alive-requests = 1000000
server.upload-dirs = ( "{sockets}" )
include "{SOURCE}/etc/{include}"
server.document-root = "{root or os.path.join(sockets, 'site')}"
""")
        environment = {**os.environ, "DOORWARD_PROGRAM": program, "DOORWARD_CONF": state.conf,
                       "DOORWARD_SOCKETS": sockets, "DOORWARD_POOL": str(responders),
                       "DOORWARD_ERRORS": os.path.join(SOURCE, "etc", "errors"),
                       "DOORWARD_PAGES": os.path.join(SOURCE, "pages"),
                       "DOORWARD_URL": f"http://127.0.0.1:{self.port}/", "DOORWARD_MOUNT": mount}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["lighttpd", "-D", "-f", conf], env=environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.place.running.append(self)
        wait_until(self._answers, f"lighttpd on port {self.port}, see {self.log}")

    def _answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise RuntimeError(f"lighttpd ended: {log.read()}")
        try:
            with Client(self.port) as client:
                return client.call("GET", f"{self.mount}/health").status == 200
        except OSError:
            return False

    def responders(self):
        """The process IDs of the responders: the living children, but for the plain CGI processes that
        say 503 in the place of a dead responder."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            return [int(child) for child in children.read().split()
                    if is_alive(int(child)) and not is_cgi(int(child))]

    def lines_in_log(self, text):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return [line.rstrip() for line in log if text in line]

    def count_in_log(self, text):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read().count(text)

    def stop(self):
        """Ends lighttpd and waits for its responders, which close the store on its SIGTERM."""
        if self not in self.place.running:
            return
        self.place.running.remove(self)
        responders = self.responders()
        self.process.terminate()
        self.process.wait()
        wait_until(lambda: not any(map(is_alive, responders)), "responders to end")


def is_cgi(pid):
    """Whether a process was started for one request."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as environment:
            return b"REQUEST_METHOD=" in environment.read()
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Footprint:
    """What a process holds: open files, mappings, and resident memory in KiB."""

    def __init__(self, pid):
        self.files = len(os.listdir(f"/proc/{pid}/fd"))
        with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
            self.mappings = sum(1 for _ in maps)
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            fields = dict(line.split(":", 1) for line in status)
        self.resident = int(fields["VmRSS"].split()[0])
        self.own = int(fields["RssAnon"].split()[0])

    def __str__(self):
        return (f"{self.files} open files, {self.mappings} mappings, {self.resident} KiB resident, "
                f"{self.own} KiB of its own")


class Answer:
    """One HTTP answer; body is the parsed JSON, or None when there is none."""

    def __init__(self, status, headers, data):
        self.status = status
        self.headers = headers
        self.data = data
        try:
            self.body = json.loads(data) if data else None
        except ValueError:
            self.body = None

    @property
    def error(self):
        return self.body.get("error_name") if isinstance(self.body, dict) else None

    def is_unavailable(self):
        """The contract's 503, complete."""
        return (self.status == 503 and self.error == "ServerUnavailable"
                and self.body.get("error_code") == 1 and isinstance(self.body.get("message"), str)
                and isinstance(self.body.get("error_data"), dict)
                and "Retry-After" in self.headers
                and self.headers.get("Content-Type", "").startswith("application/json"))

    def __str__(self):
        return f"{self.status} {self.data[:200]!r}"


class Client:
    """Calls the API on one kept connection. Not to be shared by threads."""

    # lighttpd drops a connection that is silent for 5 s; asking on it then is no fault of the server.
    STALE_AFTER = 2

    def __init__(self, port, timeout=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.used = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def call(self, method, path, body=None, token=None):
        if time.monotonic() - self.used > self.STALE_AFTER:
            self.connection.close()
        headers = {}
        if body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except Exception:
            self.connection.close()
            raise
        self.used = time.monotonic()
        return answer

    def want(self, method, path, body=None, token=None):
        """A call that must succeed; returns the body of the answer."""
        answer = self.call(method, path, body, token)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.body

    def login_root(self):
        return self.want("POST", "/login/root/",
                         {"email": ROOT_EMAIL, "password": ROOT_PASSWORD})["token"]

    def login_service(self, name, password, **selection):
        return self.want("POST", "/login/service/",
                         {"name": name, "password": password, **selection})
