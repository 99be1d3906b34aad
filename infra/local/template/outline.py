"""The outline of a template: what the local stack relies on before it translates it."""

from collections.abc import Mapping

from local.template.schema import Schema

SAM: Schema = {"const": "AWS::Serverless-2016-10-31"}
TEXT: Schema = {"type": "text"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
ANYTHING: Schema = {"type": "object"}
PARAMETER: Schema = {
    "type": "object",
    "required": ["Type"],
    "properties": {
        "Type": TEXT,
        "Default": {"type": "string"},
        "AllowedPattern": {"type": "text", "format": "regex"},
        "AllowedValues": {"type": "array"},
        "MinLength": INTEGER,
        "MaxLength": INTEGER,
        "MinValue": NUMBER,
        "MaxValue": NUMBER,
    },
}
ASSERTION: Schema = {"type": "object", "required": ["Assert", "AssertDescription"]}
RULE: Schema = {"type": "object", "required": ["Assertions"], "properties": {"Assertions": {"type": "array", "items": ASSERTION}}}
RESOURCE: Schema = {
    "type": "object",
    "required": ["Type"],
    "properties": {"Type": TEXT, "Condition": TEXT, "Properties": ANYTHING, "Metadata": ANYTHING},
}
OUTLINE: Schema = {
    "type": "object",
    "required": ["Transform", "Resources"],
    "additionalProperties": False,
    "properties": {
        "AWSTemplateFormatVersion": TEXT,
        "Description": TEXT,
        "Transform": {"if": {"type": "array"}, "then": {"contains": SAM}, "else": SAM},
        "Parameters": {"type": "object", "additionalProperties": PARAMETER},
        "Rules": {"type": "object", "additionalProperties": RULE},
        "Resources": {"type": "object", "minProperties": 1, "additionalProperties": RESOURCE},
        **dict.fromkeys(("Conditions", "Globals", "Mappings", "Metadata", "Outputs"), ANYTHING),
    },
}
IMAGE: Schema = {
    "required": ["Metadata"],
    "properties": {
        "Metadata": {"required": ["Dockerfile", "DockerContext"], "properties": {"Dockerfile": TEXT, "DockerContext": TEXT}},
        "Properties": {
            "properties": {"ImageConfig": {"type": "object", "properties": {"Command": {"type": "array", "contains": {}, "items": TEXT}}}}
        },
    },
}
ZIP: Schema = {
    "properties": {
        "Properties": {
            "required": ["CodeUri", "Handler"],
            "properties": {
                "CodeUri": TEXT,
                "Handler": TEXT,
                "Layers": {"type": "array", "items": {"type": "object", "required": ["Ref"]}},
            },
        }
    }
}
IS_IMAGE: Schema = {"properties": {"Properties": {"required": ["PackageType"], "properties": {"PackageType": {"const": "Image"}}}}}
BY_TYPE: Mapping[str, Schema] = {
    "AWS::Serverless::Function": {"required": ["Properties"], "if": IS_IMAGE, "then": IMAGE, "else": ZIP},
    "AWS::Serverless::LayerVersion": {
        "required": ["Properties"],
        "properties": {"Properties": {"required": ["ContentUri"], "properties": {"ContentUri": TEXT}}},
    },
    "AWS::Serverless::StateMachine": {
        "required": ["Properties"],
        "properties": {"Properties": {"required": ["DefinitionUri"], "properties": {"DefinitionUri": TEXT}}},
    },
}
"""What leads to code: the local stack runs what lies on this machine, so it takes paths alone."""
