#!/usr/bin/python3 -B
"""curl that stays: a request for each record on standard input, whose parts end with NUL: method, URL, body and
token, which may be empty. Writes what the files HEADERS and BODY are to hold, then the status to standard
output. Starting curl anew would take longer than all the rest of a row. Usage: asker.py HEADERS BODY"""

import sys

import pycurl


def records(stream, parts):
    """The records of a stream that may be read only as far as they go."""
    record, text = [], b""
    while chunk := stream.read1(1 << 20):
        *ended, text = (text + chunk).split(b"\0")
        for part in ended:
            record.append(part)
            if len(record) == parts:
                yield record
                record = []


def ask(curl, method, url, body, token, headers, answer):
    """As curl(1) does with -X, --path-as-is, --data-binary and a header for each of body and token."""
    lines = []
    curl.reset()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.CUSTOMREQUEST, method.decode())
    curl.setopt(pycurl.PATH_AS_IS, 1)
    curl.setopt(pycurl.FORBID_REUSE, 1)
    curl.setopt(pycurl.HEADERFUNCTION, headers.write)
    curl.setopt(pycurl.WRITEFUNCTION, answer.write)
    if body:
        lines.append(b"Content-Type: application/json")
        curl.setopt(pycurl.POSTFIELDSIZE_LARGE, len(body))
        curl.setopt(pycurl.COPYPOSTFIELDS, body)
    if token:
        lines.append(b"Authorization: Bearer " + token)
    curl.setopt(pycurl.HTTPHEADER, lines)
    try:
        curl.perform()
    except pycurl.error:
        pass  # the status tells
    return curl.getinfo(pycurl.RESPONSE_CODE)


def main(headers_path, body_path):
    curl = pycurl.Curl()
    for record in records(sys.stdin.buffer, 4):
        with open(headers_path, "wb") as headers, open(body_path, "wb") as body:
            status = ask(curl, *record, headers, body)
        print(f"{status:03}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
