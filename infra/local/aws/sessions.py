"""Credentials for the embedded AWS: an administrator (this process), and a session per role (the functions)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from local.template.names import ACCOUNT


@dataclass(frozen=True, slots=True)
class Credentials:
    """What requests are signed with. A user has no session token."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""


SETTING_UP = Credentials("AKIALOCALSETUP000000", "setup")
"""Valid until permissions are enforced."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An endpoint of the embedded AWS, and the credentials to call it with."""

    url: str
    region: str
    credentials: Credentials = SETTING_UP

    def client(self, service: str) -> Any:
        """A boto3 client of a service. It takes nothing from this shell's environment except proxies."""
        return _session().client(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
            aws_session_token=self.credentials.session_token or None,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=120),
        )


@cache
def _session() -> Any:
    """One for all clients: each new session reads botocore's endpoint files again, which takes a fifth of a second."""
    return boto3.session.Session()


ADMIN = "fieldwise-admin"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def make_admin(connection: Connection) -> Credentials:
    """Creates an administrator of the embedded account. Works only before permissions are enforced."""
    iam = connection.client("iam")
    iam.create_user(UserName=ADMIN)
    iam.put_user_policy(UserName=ADMIN, PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))
    key = iam.create_access_key(UserName=ADMIN)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def assume_roles(connection: Connection, roles: set[str]) -> Mapping[str, Credentials]:
    """A session of each role, by the role's name. Works only before permissions are enforced: afterwards moto refuses."""
    sts = connection.client("sts")
    sessions = {}
    for role in sorted(roles):
        answer = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="local")["Credentials"]
        sessions[role] = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
    return sessions
