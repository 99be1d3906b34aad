"""Every use of moto's private parts, in one place.

moto is the embedded AWS. Its HTTP interface is public; what this module touches is not, and may change with any release.
After an upgrade compare each function with moto's source, then raise WRITTEN_FOR: `test_moto_internals.py` fails until then.
"""

from collections.abc import Callable
from typing import Any

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.dynamodb.responses import DynamoHandler
from moto.events.responses import EventsHandler
from moto.firehose.responses import FirehoseResponse
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import iam_backends
from moto.s3.models import FakeKey, s3_backends
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sts.models import sts_backends

from local.template.names import ACCOUNT, ARN

WRITTEN_FOR = "5.2.5"
"""The version of moto this was written for."""

PARTITION = "aws"
INTERPRETER_KEY = "ak"
"""The access key that the embedded state machine interpreter signs its Lambda calls with, whatever the machine's role."""


def check_by_resource() -> None:
    """Patches DynamoDB, Firehose, Secrets Manager and EventBridge so that a call is checked against the resource it names.

    moto checks S3 by resource; for other services it checks the action on `*`, which no narrow statement allows, unless the
    service's handler has a `_determine_resource`.
    """
    DynamoHandler._determine_resource = _resource("TableName", ARN["AWS::DynamoDB::Table"])
    FirehoseResponse._determine_resource = _resource("DeliveryStreamName", ARN["AWS::KinesisFirehose::DeliveryStream"])
    SecretsManagerResponse._determine_resource = _resource("SecretId", ARN["AWS::SecretsManager::Secret"])
    EventsHandler._determine_resource = _bus_of_entries


def _resource(parameter: str, as_arn: Callable[[str, str], str]) -> Callable[[Any], str]:
    """Returns the ARN of the resource that a request names in `parameter`; an ARN is returned as it is."""

    def determine(handler: Any) -> str:
        named = handler._get_param(parameter)
        if not isinstance(named, str):
            return "*"
        return named if named.startswith("arn:") else as_arn(named, handler.region)

    return determine


def _bus_of_entries(handler: Any) -> str:
    """The bus that PutEvents names in its first entry: ours sends one at a time."""
    entries = handler._get_param("Entries") or [{}]
    bus = str(entries[0].get("EventBusName", "*"))
    return bus if bus == "*" or bus.startswith("arn:") else ARN["AWS::Events::EventBus"](bus, handler.region)


def stop_enforcing() -> None:
    """Restores moto's default, no authorization, for its next user in this process: moto's own reset does not."""
    settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
    ActionAuthenticatorMixin.request_count = 0


def role_of_session(access_key: str) -> str | None:
    """The role whose assumed session has this access key; None when there is no such session."""
    for session in sts_backends[ACCOUNT][PARTITION].assumed_roles:
        if session.access_key_id == access_key:
            return str(session.role_arn).rpartition("/")[2]
    return None


def belongs_to_a_user(access_key: str) -> bool:
    """Whether an IAM user has this access key."""
    users = iam_backends[ACCOUNT][PARTITION].users.values()
    return any(key.access_key_id == access_key for user in users for key in user.access_keys)


def is_allowed(role: str, action: str, resource: str) -> bool:
    """Whether a role's inline policies allow an action on a resource, and none denies it."""
    backend = iam_backends[ACCOUNT][PARTITION]
    documents = (backend.get_role_policy(role, name)[1] for name in backend.list_role_policies(role))
    verdicts = {IAMPolicy(document).is_action_permitted(action, resource) for document in documents}
    return PermissionResult.PERMITTED in verdicts and PermissionResult.DENIED not in verdicts


def put_object(bucket: str, key: str, body: bytes) -> str:
    """Stores an object without a request, hence without a notification of a write; returns its ETag."""
    return str(s3_backends[ACCOUNT][PARTITION].put_object(bucket, key, body).etag)


def objects_of(bucket: str) -> dict[str, Any]:
    """A bucket's objects, with `etag` and `value`, by key; delete markers are left out. All at once, not a request per object."""
    found = s3_backends[ACCOUNT][PARTITION].buckets[bucket].keys
    return {key: one for key, one in found.items() if isinstance(one, FakeKey)}
