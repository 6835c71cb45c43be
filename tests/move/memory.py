"""Memory does not grow with what is moved."""

import os

from lib import measured, run as doorward, write_accounts

FEW, MANY = 20_000, 200_000
SLACK = 2048  # KiB


def run(checks, place):
    peaks = {}
    for count in (FEW, MANY):
        state = place.state(f"memory{count}", store_cache=1 << 20)
        path = write_accounts(state, "accounts.jsonl", count)
        out = os.path.join(state.directory, "out.jsonl")
        for command in (("import", path), ("export", out), ("verify",)):
            done = measured(state, *command)
            checks.check(f"{command[0]} of {count} accounts", done.status == 0, str(done))
            peaks[command[0], count] = done.peak
        with open(out, "rb") as exported:
            lines = sum(1 for _ in exported)
        checks.check(f"the export of {count} has them all", lines == count + 4, f"{lines} lines")
    for command in ("import", "export", "verify"):
        few, many = peaks[command, FEW], peaks[command, MANY]
        print(f"        memory: {command} of {FEW}: {few} KiB, of {MANY}: {many} KiB")
        checks.check(f"{command} of ten times as much takes no more memory", many <= few + SLACK,
                     f"{few} KiB, then {many} KiB")
