#!/usr/bin/env -S python3 -B
"""Prints the link in the NUMBERth mail (from 1) to an address in a maildir's folder, once it is there:
mail.py FOLDER EMAIL NUMBER. Ends with 1 when it does not come."""

import email
import email.policy
import os
import re
import sys
import time

PATIENCE = 10  # seconds


def links(folder, address):
    """The links of the mails to an address, in the order of their arrival."""
    found = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime_ns):
        with open(entry.path, "rb") as file:
            message = email.message_from_binary_file(file, policy=email.policy.default)
        if address in [to.addr_spec for to in message["To"].addresses]:
            text = message.get_body(("plain",)).get_content()
            found.append(re.search(r"https?://\S+[?&]code=\S+", text).group())
    return found


def main(folder, address, number):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = links(folder, address) if os.path.isdir(folder) else []
        if len(found) >= number:
            print(found[number - 1])
            return 0
        time.sleep(0.02)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
