"""IAM, enforced: every call is checked against the policies of the role that makes it. Conditions of statements are not evaluated."""

import re

import requests

from local.aws.moto_internals import INTERPRETER_KEY, belongs_to_a_user, role_of_session

ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")


def enforce(aws_url: str) -> None:
    """From now on every call needs a signature, and a statement that allows it."""
    requests.post(f"{aws_url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()


def role_of(authorization: str, interpreter_role: str) -> str | None:
    """The role that signed a request; None for the administrator, who is a user; "" for an unknown key."""
    found = ACCESS_KEY.search(authorization)
    key = found.group(1) if found else ""
    role = interpreter_role if key == INTERPRETER_KEY else role_of_session(key)
    if role is not None:
        return role
    return None if belongs_to_a_user(key) else ""
