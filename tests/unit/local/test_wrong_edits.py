"""A template edited wrongly is refused in one line that names what is wrong, before anything is started or written."""

from pathlib import Path
from typing import NoReturn

import pytest
from tests.support.local_world import TEMPLATE, tiny_config

from local import stack
from local.containers.stack import ContainerStack
from local.places import Places
from local.refusal import Refusal
from local.stack import Stack, StackConfig

ROOT = Path(__file__).parents[3]

Edit = tuple[str, str, str]
"""What is written, what is written instead, and what the refusal says."""


@pytest.fixture(autouse=True)
def _nothing_may_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object, **__: object) -> NoReturn:
        raise AssertionError("something was started")

    for name in ("AwsServer", "WebServer", "run_functions"):
        monkeypatch.setattr(stack, name, started)
    monkeypatch.setattr(ContainerStack, "_prepare", started)


def edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def refusal_of(config: StackConfig, kind: type[Stack] = Stack) -> str:
    with pytest.raises(Refusal) as refused:
        kind(config)
    assert not config.places.root.exists()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def refusal_of_tiny(tmp_path: Path, template: bytes) -> str:
    config = tiny_config(tmp_path)
    config.template.write_bytes(template)
    return refusal_of(config)


RESOURCES = TEMPLATE[TEMPLATE.index("Resources:") :]
TRUST = TEMPLATE[TEMPLATE.index("      AssumeRolePolicyDocument") :]
NUMBER = "Type: Number, Default: 0.8"

OUTLINE: dict[str, Edit] = {
    "no Transform": ("Transform: AWS::Serverless-2016-10-31\n", "", "the template: 'Transform' is a required property"),
    "another Transform": ("Transform: AWS::Serverless-2016-10-31", "Transform: Sam", "the template's Transform: "),
    "a section misspelt": ("Parameters:", "Parametres:", "the template: Additional properties are not allowed ('Parametres' "),
    "empty Resources": (RESOURCES, "Resources:\n", "the template's Resources: there is nothing there"),
    "no resource": (RESOURCES, "Resources: {}\n", "the template's Resources: {} should be non-empty"),
    "a list of Resources": (RESOURCES, "Resources: [a]\n", "the template's Resources: ['a'] is not of type 'object'"),
    "a resource that is a text": ("Resources:\n", "Resources:\n  A: text\n", "Resources.A: 'text' is not of type 'object'"),
    "a resource without Type": ("Resources:\n", "Resources:\n  A: { Properties: {} }\n", "Resources.A: 'Type' is a required property"),
    "a resource with empty Properties": (
        "Resources:\n",
        "Resources:\n  A: { Type: AWS::S3::Bucket, Properties: }\n",
        "Resources.A.Properties: ",
    ),
    "a parameter without Type": (NUMBER, "Default: 0.8", "Parameters.MinAccuracy: 'Type' is a required property"),
    "a parameter with an empty Default": (NUMBER, "Type: Number, Default:", "Parameters.MinAccuracy.Default: there is nothing there"),
    "a pattern that is none": (NUMBER, "Type: String, AllowedPattern: '['", "Parameters.MinAccuracy.AllowedPattern: '[' is not a 'regex'"),
    "a bound that is no number": (NUMBER, "Type: Number, MinValue: low", "Parameters.MinAccuracy.MinValue: 'low' is not of type 'number'"),
    "a rule without Assert": (
        "Resources:",
        "Rules: { One: { Assertions: [{ AssertDescription: Refused. }] } }\nResources:",
        "Rules.One.Assertions.0: 'Assert' is a required property",
    ),
    "a rule without AssertDescription": (
        "Resources:",
        "Rules: { One: { Assertions: [{ Assert: true }] } }\nResources:",
        "Rules.One.Assertions.0: 'AssertDescription' is a required property",
    ),
    "a key that is there twice": ("  TABLE: ", "  BUCKET: twice\n          TABLE: ", "is no YAML: line 38: the key BUCKET is there twice"),
    "a key that is a list": ("Resources:\n", "? [a]\n: b\nResources:\n", "found unhashable key"),
    "a type of SAM's misspelt": (
        "Serverless::HttpApi",
        "Serverless::HttpApp",
        "HttpApi.Type: there is no resource type AWS::Serverless::HttpApp",
    ),
    "a type misspelt": ("DynamoDB::Table", "DynamoDB::Tabel", "ProfilesTable.Type: there is no resource type AWS::DynamoDB::Tabel"),
    "a function that is not SAM's": ("AWS::DynamoDB::Table", "AWS::Lambda::Function", "it as AWS::Serverless::Function"),
}

LAYERS = "Runtime: python3.13\n      Layers: [%s]"
MACHINE = "DefinitionUri: machine.asl.json"
METADATA = "    Metadata: { Dockerfile: inference/Dockerfile, DockerContext: ./, DockerTag: inference }\n"
BACKEND, INFERENCE, TRAINING = (f"Resources.{name}Function" for name in ("Backend", "Inference", "Training"))

CODE: dict[str, Edit] = {
    "no CodeUri": ("      CodeUri: backend\n", "", f"{BACKEND}.Properties: 'CodeUri' is a required property"),
    "a folder that is not there": ("CodeUri: backend", "CodeUri: back", f"{BACKEND}.Properties.CodeUri: there is no folder "),
    "a module that is not there": ("backend.handler", "back.handler", f"{BACKEND}: its Handler back.handler is in no file of its code"),
    "a handler that names no module": ("backend.handler", "handler", f"{BACKEND}: its Handler handler is in no file of its code"),
    "a layer that is not there": (
        "Runtime: python3.13",
        LAYERS % "!Ref Nobody",
        f"{BACKEND}.Properties.Layers.0: it refers to Nobody, which is not",
    ),
    "a layer that is none": ("Runtime: python3.13", LAYERS % "!Ref DataBucket", f"{BACKEND}.Properties.Layers: DataBucket is no AWS::Serv"),
    "a layer by its ARN": ("Runtime: python3.13", LAYERS % "arn", f"{BACKEND}.Properties.Layers.0: 'arn' is not of type 'object'"),
    "a layer without content": (
        "Resources:\n",
        "Resources:\n  Common: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: nowhere } }\n",
        "Resources.Common.Properties.ContentUri: there is no folder ",
    ),
    "no Metadata": (METADATA, "", f"{INFERENCE}: 'Metadata' is a required property"),
    "no Dockerfile": ("{ Dockerfile: inference/Dockerfile, ", "{ ", f"{INFERENCE}.Metadata: 'Dockerfile' is a required property"),
    "a Dockerfile that is not there": ("inference/Dockerfile", "nowhere", f"{INFERENCE}.Metadata.Dockerfile: there is no file "),
    "a context that is not there": (
        "DockerContext: ./",
        "DockerContext: nowhere",
        f"{INFERENCE}.Metadata.DockerContext: there is no folder ",
    ),
    "a command that is not there": ("[training.handler]", "[train.handler]", f"{TRAINING}: its Handler train.handler is in no file"),
    "an empty command": ("[training.handler]", "[]", f"{TRAINING}.Properties.ImageConfig.Command: None of [] are valid"),
    "no DefinitionUri": (MACHINE, "Name: x", "Resources.TrainingStateMachine.Properties: 'DefinitionUri' is a required property"),
    "a definition that is not there": (
        MACHINE,
        "DefinitionUri: no.json",
        "TrainingStateMachine.Properties.DefinitionUri: there is no file ",
    ),
    "a definition that is no JSON": (MACHINE, "DefinitionUri: template.yaml", "Properties.DefinitionUri: "),
    "a substitution misspelt": (
        "{ TrainingFunction: !G",
        "{ Train: !G",
        "Properties.DefinitionSubstitutions: there is no TrainingFunction, which",
    ),
}

BUCKET = "BUCKET: !Ref DataBucket"
VARIABLE = f"{BACKEND}.Properties.Environment.Variables.BUCKET"

REFERENCES: dict[str, Edit] = {
    "a wrong Ref": (BUCKET, "BUCKET: !Ref Nobody", f"{VARIABLE}: it refers to Nobody, which is not there"),
    "a Ref that names an attribute": (
        BUCKET,
        "BUCKET: !Ref DataBucket.Arn",
        f"{VARIABLE}: it refers to DataBucket.Arn, which is not there",
    ),
    "a wrong GetAtt": (BUCKET, "BUCKET: !GetAtt Nobody.Arn", f"{VARIABLE}: it refers to Nobody.Arn, which is not there"),
    "a wrong attribute": (BUCKET, "BUCKET: !GetAtt DataBucket.Arrn", f"{VARIABLE}: it refers to DataBucket.Arrn, which is not there"),
    "a GetAtt without attribute": (BUCKET, "BUCKET: !GetAtt DataBucket", f"{VARIABLE}: it refers to ['DataBucket'], which is not there"),
    "an attribute unknown here": (
        BUCKET,
        "BUCKET: !GetAtt DataBucket.DomainName",
        "it refers to DataBucket.DomainName, which the local stack",
    ),
    "a wrong Sub": (BUCKET, 'BUCKET: !Sub "${Nobody}"', f"{VARIABLE}: it refers to Nobody, which is not there"),
    "a Sub without variables": (BUCKET, "BUCKET: !Sub [a]", f"{VARIABLE}: it refers to ['a'], which is not there"),
    "an unknown function": (BUCKET, "BUCKET: !Reff DataBucket", f"{VARIABLE}: there is no function Fn::Reff"),
    "a function unknown here": (BUCKET, "BUCKET: !ImportValue a", f"{BACKEND}.Properties: it uses Fn::ImportValue, which the local stack"),
    "a Select beyond the end": (
        BUCKET,
        "BUCKET: !Select [3, [a]]",
        f"{BACKEND}.Properties: Fn::Select does not come to anything: list index",
    ),
    "an If of two": (BUCKET, "BUCKET: !If [IsLoose, a]", f"{VARIABLE}: Fn::If takes a list of 3"),
    "an If without its condition": (
        BUCKET,
        "BUCKET: !If [Nobody, a, b]",
        f"{VARIABLE}: it refers to the condition Nobody, which is not there",
    ),
    "an Equals of one": (
        "Resources:",
        "Conditions: { A: !Equals [a] }\nResources:",
        "the template's Conditions.A: Fn::Equals takes a list of 2",
    ),
    "a wrong Condition": (
        "DataBucket: { ",
        "DataBucket: { Condition: Nobody, ",
        "Resources.DataBucket: it refers to the condition Nobody, which is not there",
    ),
    "a wrong DependsOn": (
        "DataBucket: { ",
        "DataBucket: { DependsOn: Nobody, ",
        "Resources.DataBucket: it refers to Nobody, which is not there",
    ),
}

STREAM = "Resources.DecisionStream.Properties.ExtendedS3DestinationConfiguration"
JWT = "JwtConfiguration: { issuer: !Ref AuthIssuer, "

PROPERTIES: dict[str, Edit] = {
    "memory that is no number": (
        "MemorySize: 128",
        "MemorySize: lots",
        f"{BACKEND}.Properties.MemorySize: 'lots' is not of type 'integer'",
    ),
    "a variable that is a list": (BUCKET, "BUCKET: !Ref AuthAudience", f"{VARIABLE}: ['fieldwise-local'] is not of type 'string'"),
    "a value misspelt": ("AttributeType: S", "AttributeType: X", "AttributeDefinitions.0.AttributeType: 'X' is none of B, N, S"),
    "a role from elsewhere": (
        "Runtime: python3.13",
        "Runtime: python3.13\n      Role: arn:aws:iam::123456789012:role/elsewhere",
        f"{BACKEND}.Properties.Role: there is no role elsewhere in the template",
    ),
    "a stream without RoleARN": ("        RoleARN: !GetAtt StreamRole.Arn\n", "", f"{STREAM}: 'RoleARN' is a required property"),
    "a stream without BucketARN": ("        BucketARN: !GetAtt DataBucket.Arn\n", "", f"{STREAM}: 'BucketARN' is a required property"),
    "a property misspelt": ("BillingMode", "BilingMode", "Resources.ProfilesTable.Properties: Additional properties are not allowed ('Bil"),
    "a role without trust": (
        TRUST,
        "      Path: /\n",
        "Resources.StreamRole.Properties: 'AssumeRolePolicyDocument' is a required property",
    ),
    "a trust without Effect": (
        "{ Effect: Allow, Principal",
        "{ Principal",
        "Resources.StreamRole.Properties.AssumeRolePolicyDocument.Statement.0: 'Effect' is a required property",
    ),
    "a statement without Effect": (
        "{ Effect: Allow, Action: firehose",
        "{ Action: firehose",
        "Resources.BackendFunctionRole.Properties.Policies.0.PolicyDocument.Statement.1: 'Effect' is a required property",
    ),
    "a statement without Action": (
        "Action: firehose:PutRecord, ",
        "",
        "Resources.BackendFunctionRole.Properties.Policies.0: Policy statement must contain actions.",
    ),
    "a table without KeySchema": (
        "      KeySchema: [{ AttributeName: owner, KeyType: HASH }]\n",
        "",
        "Resources.ProfilesTable.Properties: 'KeySchema' is a required property",
    ),
    "a key that is not defined": ("[{ AttributeName: owner, A", "[{ AttributeName: me, A", "AttributeDefinitions: they lack the key owner"),
    "a secret that nobody makes up": (
        "    Properties: { GenerateSecretString: { PasswordLength: 40 } }\n",
        "",
        "Resources.UserHashSecret.Properties: 'GenerateSecretString' is a required property",
    ),
    "an action that is empty": (
        "Action: firehose:PutRecord",
        "Action:",
        "Resources.BackendFunctionRole.Properties.Policies.0.PolicyDocument.Statement.1.Action: there is nothing there",
    ),
    "an audience that is no list": ("audience: !Ref AuthAudience", "audience: !Ref AuthIssuer", "jwtConfiguration.audience: 'http://iss"),
    "no issuer": (JWT, "JwtConfiguration: { ", "jwtConfiguration: 'issuer' is a required property"),
    "an origin that is no list": (
        "[https://page.example]",
        "https://page.example",
        "allowOrigins: 'https://page.example' is not of type 'array'",
    ),
    "a route this front door can't serve": (
        "Path: /echo",
        'Path: "/{id}"',
        "Resources.HttpApi: the local front door knows no routes like get /{id}",
    ),
}

EDITS = OUTLINE | CODE | REFERENCES | PROPERTIES


@pytest.mark.parametrize("edit", EDITS)
def test_a_wrong_edit_is_refused_by_name(tmp_path: Path, edit: str) -> None:
    old, new, said = EDITS[edit]

    assert said in refusal_of_tiny(tmp_path, edited(TEMPLATE, old, new).encode())


def test_conditions_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    template = edited(TEMPLATE, "DataBucket: { ", "DataBucket: { Condition: A, ")
    circle = "Conditions: { A: !Not [!Condition B], B: !Not [!Condition A] }\nResources:"

    refusal = refusal_of_tiny(tmp_path, edited(template, "Resources:", circle).encode())

    assert "Resources.DataBucket: " in refusal
    assert "does not come to anything: maximum recursion depth exceeded" in refusal


def test_a_reference_to_what_its_condition_leaves_out_is_refused(tmp_path: Path) -> None:
    template = edited(TEMPLATE, "DataBucket: { ", "DataBucket: { Condition: Never, ")

    refusal = refusal_of_tiny(tmp_path, edited(template, "Resources:", "Conditions: { Never: !Equals [a, b] }\nResources:").encode())

    assert "Properties: it refers to DataBucket" in refusal


def test_a_template_without_an_api_is_refused(tmp_path: Path) -> None:
    events, end = TEMPLATE.index("      Events:"), TEMPLATE.index("  InferenceFunction:")
    api, backend = TEMPLATE.index("  HttpApi:"), TEMPLATE.index("  BackendFunction:")

    refusal = refusal_of_tiny(tmp_path, (TEMPLATE[:api] + TEMPLATE[backend:events] + TEMPLATE[end:]).encode())

    assert refusal == "the template has no AWS::Serverless::HttpApi: there would be nothing to serve"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    refusal = refusal_of_tiny(tmp_path, "# Schlüssel\n".encode("latin-1") + TEMPLATE.encode())

    assert refusal.endswith("template.yaml is not UTF-8 from byte 6 on: save it as UTF-8")


REAL: dict[str, Edit] = {
    "an alarm": ("Value: !Ref DecisionStream }", "Value: !Ref Stream }", ".Dimensions.0.Value: it refers to Stream, which is not there"),
    "the dashboard": (
        "${TrainingStateMachine}",
        "${Machine}",
        "Resources.Dashboard.Properties.DashboardBody: it refers to Machine, which is",
    ),
    "an output": (
        "Value: !Ref TrainingStateMachine\n",
        "Value: !Ref Machine\n",
        "Outputs.TrainingStateMachineArn.Value: it refers to Machine",
    ),
    "what is left out here": (
        "UserPoolId: !Ref UserPool\n",
        "UserPoolId: !Ref Pool\n",
        "Resources.UserPoolDomain.Properties.UserPoolId: it refers",
    ),
    "a property of an alarm": (
        "      EvaluationPeriods: 1\n",
        "      EvaluationPeriods: one\n",
        "EvaluationPeriods: 'one' is not of type 'integer'",
    ),
}


@pytest.mark.parametrize("edit", REAL)
def test_what_only_aws_would_make_is_looked_at_too(tmp_path: Path, edit: str) -> None:
    old, new, said = REAL[edit]
    (tmp_path / "template.yaml").write_text(edited((ROOT / "template.yaml").read_text("utf-8"), old, new), "utf-8")

    assert said in refusal_of(StackConfig(tmp_path / "template.yaml", Places(tmp_path / "state"), root=ROOT))


def test_containers_are_refused_the_same_template_before_anything_is_built(tmp_path: Path) -> None:
    template = edited((ROOT / "template.yaml").read_text("utf-8"), "CodeUri: functions/backend", "CodeUri: functions/back")
    (tmp_path / "template.yaml").write_text(template, "utf-8")

    refusal = refusal_of(StackConfig(tmp_path / "template.yaml", Places(tmp_path / "state"), root=ROOT), ContainerStack)

    assert f"{BACKEND}.Properties.CodeUri: there is no folder " in refusal
