"""What a resource must look like: CloudFormation's own definition of its type, and what this stack asks beyond it.

The definitions are those of the template's linter, read as files: to import it takes longer than to read the template.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from local.refusal import wrong
from local.template.schema import Schema, require

DEFINITIONS = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/schemas")))

LIST: Schema = {"type": "array"}
TEXTS: Schema = {"type": ["text", "array"], "items": {"type": "text"}}
STATEMENT: Schema = {"type": "object", "required": ["Effect"], "properties": {"Action": TEXTS, "Resource": TEXTS}}
POLICY: Schema = {
    "type": "object",
    "required": ["Statement"],
    "properties": {"Statement": {"if": LIST, "then": {"items": STATEMENT}, "else": STATEMENT}},
}
JWT: Schema = {
    "type": "object",
    "required": ["issuer", "audience"],
    "properties": {"issuer": {"type": "text"}, "audience": LIST},
}
AUTHORIZER: Schema = {
    "required": ["x-amazon-apigateway-authorizer"],
    "properties": {"x-amazon-apigateway-authorizer": {"required": ["jwtConfiguration"], "properties": {"jwtConfiguration": JWT}}},
}
CORS: Schema = {
    "type": "object",
    "required": ["allowOrigins"],
    "properties": {"allowOrigins": LIST, "allowMethods": LIST, "allowHeaders": LIST, "exposeHeaders": LIST, "maxAge": {"type": "integer"}},
}
AUTHORIZERS: Schema = {"properties": {"securitySchemes": {"additionalProperties": AUTHORIZER}}}
OURS: Mapping[str, Schema] = {
    "AWS::ApiGatewayV2::Api": {
        "required": ["Body"],
        "properties": {"Body": {"properties": {"components": AUTHORIZERS, "x-amazon-apigateway-cors": CORS}}},
    },
    "AWS::DynamoDB::Table": {"properties": {"KeySchema": LIST}},
    "AWS::IAM::Role": {
        "properties": {"AssumeRolePolicyDocument": POLICY, "Policies": {"items": {"properties": {"PolicyDocument": POLICY}}}}
    },
    "AWS::KinesisFirehose::DeliveryStream": {"required": ["ExtendedS3DestinationConfiguration"]},
    "AWS::Lambda::Function": {
        "properties": {"Environment": {"properties": {"Variables": {"additionalProperties": {"type": "string"}}}}},
    },
    "AWS::SecretsManager::Secret": {"required": ["GenerateSecretString"]},
}
"""What this stack relies on where CloudFormation leaves it open."""


def require_type(resource_type: str, *place: object) -> None:
    """Raises Refusal for a type that neither CloudFormation nor SAM knows; what is not AWS's is its owner's to know."""
    is_of_aws = resource_type.startswith("AWS::") or "::" not in resource_type
    if is_of_aws and resource_type not in _names():
        raise wrong(place, f"there is no resource type {resource_type}")


def require_properties(resource_type: str, properties: object, *place: object) -> None:
    """Raises Refusal unless the properties of a resource, resolved, have the shape that its type asks for."""
    for schema in ({"type": "object"}, _definition(resource_type), OURS.get(resource_type, {})):
        require(schema, properties, *place)


def has_attribute(resource_type: str, attribute: str) -> bool:
    """Whether Fn::GetAtt may ask for it; anything may be asked of a type that AWS does not define."""
    known = _definition(resource_type).get("properties")
    return known is None or attribute.partition(".")[0] in known


@cache
def _names() -> Mapping[str, str]:
    """The name of each type's file."""
    regional, sam = (json.loads((DEFINITIONS / "providers" / f"{part}.json").read_bytes()) for part in ("us-east-1", "sam"))
    return {**regional, **sam}


@cache
def _definition(resource_type: str) -> Schema:
    name = _names().get(resource_type)
    schema: Schema = json.loads((DEFINITIONS / "resources" / f"{name}.json").read_bytes()) if name else {}
    return schema
