"""jose.js, a process that is asked line by line."""

import json
import os
import shutil
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))


class Refused(Exception):
    """What jose says when it does not take a token."""


class Jose:
    def __init__(self, place):
        folder = os.path.join(place.directory, "node")
        os.mkdir(folder)
        for name in ("jose.js", "package.json", "package-lock.json"):
            shutil.copy(os.path.join(HERE, name), folder)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund",
                        "--cache", os.path.join(folder, "npm")], cwd=folder, check=True)
        self.lock = threading.Lock()
        self.process = subprocess.Popen(["node", "jose.js"], cwd=folder, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, job, **arguments):
        with self.lock:
            self.process.stdin.write(json.dumps({"job": job, **arguments}) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refused(f"{answer['error']}: {answer['message']}")
        return answer["result"]
