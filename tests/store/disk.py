"""The store's log stays small however much is written: checkpoints and log removal need no help."""

import threading

from harness import Client

WRITERS = 4
CHANGES = 800  # by each writer; with METADATA_BYTES this makes hundreds of megabytes of log
METADATA_BYTES = 40_000
LOG_FILE_BYTES = 4 << 20
BOUND = 64 << 20


def change_often(port, root, name, answers):
    with Client(port) as client:
        for i in range(CHANGES):
            metadata = {"filling": chr(ord("a") + i % 26) * METADATA_BYTES}
            answers.append(client.call("PATCH", "/accounts/service/",
                                       {"name": name, "metadata": metadata}, root).status)


def run(checks, place):
    state = place.state("disk")
    server = state.serve(responders=WRITERS)
    answers, threads = [], []
    with Client(server.port) as client:
        root = client.login_root()
        for i in range(WRITERS):
            name = f"writer {i}"
            client.want("POST", "/accounts/service/",
                        {"name": name, "password": "quite a long password"}, root)
            threads.append(threading.Thread(target=change_often,
                                            args=(server.port, root, name, answers)))
    most = max_while_running(state, threads)
    files = state.log_files()
    written = max(int(name.removeprefix("log.")) for name in files) * LOG_FILE_BYTES
    checks.check(f"{len(answers)} changes all succeed", set(answers) == {200}, str(set(answers)))
    checks.check(f"log on disk stays below {BOUND >> 20} MiB (it was {most >> 20} MiB at most, of "
                 f"{written >> 20} MiB written)", most < BOUND and written > 3 * BOUND,
                 f"{most} bytes at most, {written} written")
    server.stop()


def max_while_running(state, threads):
    """Starts the threads; returns the most bytes of log there were on disk until all ended."""
    most = 0
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.05)
            most = max(most, log_bytes(state))
    return most


def log_bytes(state):
    try:
        return sum(state.log_files().values())
    except FileNotFoundError:  # removed while we looked
        return 0
