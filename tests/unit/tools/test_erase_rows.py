import base64
import json

from tools.erase.rows import without_user

from fieldwise_common.decision_log import LogRow, encode

MINE, OTHERS = "a" * 64, "b" * 64


def row(user: str, label: str = "E-mail") -> LogRow:
    return LogRow(timestamp="2026-11-22T10:15:00.000Z", route="classify", selector="#a", label=label, user_hash=user)


def test_a_users_rows_are_removed_and_the_others_kept_byte_for_byte() -> None:
    others = encode([row(OTHERS, 'a "quoted", label'), row(OTHERS)])

    remainder = without_user((encode([row(MINE)]) + others + encode([row(MINE)])).encode(), MINE)

    assert remainder.body == others.encode()
    assert remainder.erased == 2


def test_an_object_without_the_user_is_unchanged() -> None:
    body = encode([row(OTHERS)]).encode() + b'"cut off'

    remainder = without_user(body, MINE)

    assert (remainder.body, remainder.erased) == (body, 0)


def test_a_record_in_an_error_object_is_removed_as_a_whole() -> None:
    def error_line(user: str) -> bytes:
        record = base64.b64encode(encode([row(user)]).encode()).decode()
        return json.dumps({"errorCode": "S3.AccessDenied", "rawData": record}).encode() + b"\n"

    remainder = without_user(error_line(MINE) + error_line(OTHERS) + b'{"no": "record"}\n{broken\n', MINE)

    assert remainder.body == error_line(OTHERS) + b'{"no": "record"}\n{broken\n'
    assert remainder.erased == 1
