"""Removes one user's lines from a log object. Works on bytes: a row is one line, and a user hash occurs only in its own cell."""

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is left of an object, and how many of its lines were the user's."""

    body: bytes
    erased: int


def without_user(body: bytes, user_hash: str) -> Remainder:
    """A log object without the user's rows; other lines are kept byte for byte, even malformed ones.

    A line of Firehose's error objects is JSON with one record in base64; a record is one request, so all of it is one user's.
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
