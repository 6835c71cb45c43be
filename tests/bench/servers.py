"""Each kind of web server that etc/servers.sh knows, with Doorward or with a bare program behind it."""

import os
import shutil
import signal
import subprocess

from harness import SOURCE, Client, free_port, wait_until

KINDS = ("lighttpd", "apache", "apache-proxy", "apache-cgi", "nginx")

# What ./serve does, for a folder that is there already.
START = """
top=$1 kind=$2 port=$3 folder=$4 user=$5
. "$top/etc/functions.sh"
. "$top/etc/servers.sh"
set_server_names "$folder" ''
write_server "$kind" "$port" "$folder" "$user" >"$folder/server.conf"
run_server "$kind" "$folder/server.conf" "$folder" "$user"
"""


class Server:
    """A web server of a kind on a free port. The program is known to it as doorward.fcgi."""

    def __init__(self, kind, state, responders, program):
        self.place, self.state = state.place, state
        self.port = free_port()
        folder = os.path.join(self.place.directory, f"{kind}-{self.port}")
        user = "www-data" if os.geteuid() == 0 else ""
        os.makedirs(os.path.join(folder, "bin"))
        shutil.copy(self.place.program("doorward"), os.path.join(folder, "bin", "doorward"))
        copy = shutil.copy(program, os.path.join(folder, "bin", "doorward.fcgi"))
        for name in ("pages", "etc/errors"):
            shutil.copytree(os.path.join(SOURCE, name), os.path.join(folder, os.path.basename(name)))
        if user:
            os.chmod(self.place.directory, 0o755)
            subprocess.run(["chown", "-R", f"{user}:", state.directory], check=True)
        environment = {**os.environ, "DOORWARD_PROGRAM": copy, "DOORWARD_CONF": state.conf,
                       "DOORWARD_POOL": str(responders), "DOORWARD_PAGES": f"{folder}/pages",
                       "DOORWARD_ERRORS": f"{folder}/errors",
                       "DOORWARD_URL": f"http://127.0.0.1:{self.port}/"}
        with open(os.path.join(folder, "output"), "wb") as output:
            self.process = subprocess.Popen(
                ["bash", "-c", START, "bash", SOURCE, kind, str(self.port), folder, user],
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.place.running.append(self)
        wait_until(self._answers, f"{kind} on port {self.port}")

    def _answers(self):
        try:
            with Client(self.port) as client:
                return client.call("GET", "/health").status == 200
        except OSError:
            return False

    def stop(self):
        if self in self.place.running:
            self.place.running.remove(self)
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
