"""Lines of log objects without one user's. By bytes: a row is one line, and a hash stands nowhere but in its own cell."""

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is left of an object, and how many lines of it were the user's."""

    body: bytes
    erased: int


def without_user(body: bytes, user_hash: str) -> Remainder:
    """A log object without the user's rows; malformed rows of others stay as they are.

    In Firehose's error objects a line is JSON that holds a request's whole record in base64: all of it is one user's.
    """
    wanted = user_hash.encode()
    lines = body.splitlines(keepends=True)
    kept = [line for line in lines if wanted not in line and wanted not in _record_in(line)]
    return Remainder(b"".join(kept), len(lines) - len(kept))


def _record_in(line: bytes) -> bytes:
    if not line.startswith(b"{"):
        return b""
    try:
        return base64.b64decode(json.loads(line)["rawData"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error):
        return b""
