"""IAM, enforced: every call is checked against the policies of the role that makes it.

The embedded AWS checks S3 by resource, but asks for other services whether an action is allowed on `*`, which no narrow
statement grants. It calls `_determine_resource` of a service's handler where there is one: here the three that our
functions call get theirs. Conditions of statements are not evaluated there.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import requests
from moto.dynamodb.responses import DynamoHandler
from moto.firehose.responses import FirehoseResponse
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import iam_backends
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.sts.models import sts_backends

from local.refusal import Refusal
from local.template.names import ACCOUNT, ARN

PARTITION = "aws"
INTERPRETER_KEY = "ak"
"""The access key with which the embedded state machine interpreter calls Lambda: it acts for its machine's role."""

ACCESS_KEY = re.compile(r"Credential=([^/,\s]+)/")


def _resource(parameter: str, as_arn: Callable[[str, str], str]) -> Callable[[Any], str]:
    """Answers the ARN of what a request names in `parameter`; an ARN stays as it is."""

    def determine(handler: Any) -> str:
        named = handler._get_param(parameter)
        if not isinstance(named, str):
            return "*"
        return named if named.startswith("arn:") else as_arn(named, handler.region)

    return determine


def check_by_resource() -> None:
    """Has DynamoDB, Firehose and Secrets Manager checked by the resource a call names."""
    DynamoHandler._determine_resource = _resource("TableName", ARN["AWS::DynamoDB::Table"])
    FirehoseResponse._determine_resource = _resource("DeliveryStreamName", ARN["AWS::KinesisFirehose::DeliveryStream"])
    SecretsManagerResponse._determine_resource = _resource("SecretId", ARN["AWS::SecretsManager::Secret"])


def require_policy(document: Mapping[str, Any]) -> None:
    """Raises Refusal, in IAM's own words, for a policy that is none."""
    try:
        IAMPolicyDocumentValidator(json.dumps(document)).validate()
    except MalformedPolicyDocument as error:
        raise Refusal(str(error.message)) from error


def enforce(aws_url: str) -> None:
    """From here on every call needs a signature, and a statement that allows it."""
    requests.post(f"{aws_url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()


def stop_enforcing() -> None:
    """Back to the embedded AWS's own default, for whoever uses it next in this process."""
    from moto import settings
    from moto.core.authorization import ActionAuthenticatorMixin

    settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
    ActionAuthenticatorMixin.request_count = 0


def role_of(authorization: str, interpreter_role: str) -> str | None:
    """The role a signed request is made by; None for the administrator, who is a user. Unknown keys are nobody's: ""."""
    found = ACCESS_KEY.search(authorization)
    key = found.group(1) if found else ""
    if key == INTERPRETER_KEY:
        return interpreter_role
    for session in sts_backends[ACCOUNT][PARTITION].assumed_roles:
        if session.access_key_id == key:
            return str(session.role_arn).rpartition("/")[2]
    users = iam_backends[ACCOUNT][PARTITION].users.values()
    is_user = any(access_key.access_key_id == key for user in users for access_key in user.access_keys)
    return None if is_user else ""


def is_allowed(role: str, action: str, resource: str) -> bool:
    """Whether a role's inline policies allow an action on a resource, and none denies it."""
    backend = iam_backends[ACCOUNT][PARTITION]
    documents = (backend.get_role_policy(role, name)[1] for name in backend.list_role_policies(role))
    verdicts = {IAMPolicy(document).is_action_permitted(action, resource) for document in documents}
    return PermissionResult.PERMITTED in verdicts and PermissionResult.DENIED not in verdicts
