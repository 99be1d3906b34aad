"""A miniature system for the local stack: every kind of resource of the real template, with handlers of a few lines."""

import json
from pathlib import Path
from typing import Any

from local.stack import StackConfig
from local.state_folder import StateFolder

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  AuthIssuer: { Type: String }
  AuthAudience: { Type: CommaDelimitedList }
  AuthJwksUrl: { Type: String }
  MinAccuracy: { Type: Number, Default: 0.8 }
Resources:
  HttpApi:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt:
            IdentitySource: $request.header.Authorization
            AuthorizationScopes: []
            JwtConfiguration: { issuer: !Ref AuthIssuer, audience: !Ref AuthAudience }
      CorsConfiguration:
        AllowOrigins: [https://page.example]
        AllowMethods: [GET, POST]
        AllowHeaders: [authorization]
        AllowCredentials: true
        ExposeHeaders: [etag]
        MaxAge: 60
  BackendFunction:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Zip
      CodeUri: backend
      Handler: backend.handler
      Runtime: python3.13
      MemorySize: 128
      Timeout: 5
      Environment:
        Variables:
          BUCKET: !Ref DataBucket
          TABLE: !Ref ProfilesTable
          STREAM: !Ref DecisionStream
          SECRET: !Ref UserHashSecret
          INFERENCE: !Sub ${InferenceFunction}:live
          AUTH_JWKS_URL: !Ref AuthJwksUrl
      Policies:
        - Version: "2012-10-17"
          Statement:
            - { Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:DeleteItem], Resource: !GetAtt ProfilesTable.Arn }
            - { Effect: Allow, Action: firehose:PutRecord, Resource: !GetAtt DecisionStream.Arn }
            - { Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: !Ref UserHashSecret }
            - { Effect: Allow, Action: lambda:InvokeFunction, Resource: !Sub "${InferenceFunction.Arn}:live" }
            - { Effect: Allow, Action: [s3:PutObject, s3:GetObject, s3:DeleteObject], Resource: !Sub "${DataBucket.Arn}/mine/*" }
      Events:
        Do: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: POST, Path: /do } }
        Echo: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: /echo } }
        Admin:
          Type: HttpApi
          Properties:
            { ApiId: !Ref HttpApi, Method: GET, Path: /admin, Auth: { Authorizer: Jwt, AuthorizationScopes: ["fieldwise:admin"] } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: /health, Auth: { Authorizer: NONE } } }
  InferenceFunction:
    Type: AWS::Serverless::Function
    Metadata: { Dockerfile: inference/Dockerfile, DockerContext: ./, DockerTag: inference }
    Properties:
      PackageType: Image
      MemorySize: 128
      Timeout: 5
      AutoPublishAlias: live
      Environment: { Variables: { MODEL_STORE: !Sub "s3://${DataBucket}/models" } }
      Policies:
        - Version: "2012-10-17"
          Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: !Sub "${DataBucket.Arn}/models/*" }]
  TrainingFunction:
    Type: AWS::Serverless::Function
    Metadata: { Dockerfile: inference/Dockerfile, DockerContext: ./, DockerTag: training }
    Properties:
      PackageType: Image
      ImageConfig: { Command: [training.handler] }
      MemorySize: 128
      Timeout: 20
      Environment: { Variables: { MODEL_STORE: !Sub "s3://${DataBucket}/models", MIN_ACCURACY: !Ref MinAccuracy } }
      Policies:
        - Version: "2012-10-17"
          Statement: [{ Effect: Allow, Action: [s3:GetObject, s3:PutObject], Resource: !Sub "${DataBucket.Arn}/models/*" }]
  TrainingStateMachine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: STANDARD
      DefinitionUri: machine.asl.json
      DefinitionSubstitutions: { TrainingFunction: !GetAtt TrainingFunction.Arn }
      Policies:
        - Version: "2012-10-17"
          Statement: [{ Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt TrainingFunction.Arn }]
  DataBucket: { Type: AWS::S3::Bucket, Properties: { VersioningConfiguration: { Status: Enabled } } }
  ProfilesTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: owner, AttributeType: S }]
      KeySchema: [{ AttributeName: owner, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: expires, Enabled: true }
  UserHashSecret:
    Type: AWS::SecretsManager::Secret
    Properties: { GenerateSecretString: { PasswordLength: 40 } }
  DecisionStream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamType: DirectPut
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt DataBucket.Arn
        RoleARN: !GetAtt StreamRole.Arn
        Prefix: decisions/
  StreamRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: firehose.amazonaws.com }, Action: sts:AssumeRole }]
"""

BACKEND = """
import json, os, time

import boto3

ACTS = {
    "put_object": lambda a: boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=a["key"], Body=b"kept"),
    "delete_object": lambda a: boto3.client("s3").delete_object(Bucket=os.environ["BUCKET"], Key=a["key"]),
    "get_object": lambda a: boto3.client("s3").get_object(Bucket=os.environ["BUCKET"], Key=a["key"])["Body"].read().decode(),
    "put_item": lambda a: boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"owner": {"S": a["owner"]}}),
    "get_item": lambda a: boto3.client("dynamodb").get_item(TableName=os.environ["TABLE"], Key={"owner": {"S": a["owner"]}}).get("Item"),
    "delete_item": lambda a: boto3.client("dynamodb").delete_item(TableName=os.environ["TABLE"], Key={"owner": {"S": a["owner"]}}),
    "scan": lambda a: boto3.client("dynamodb").scan(TableName=os.environ["TABLE"]),
    "record": lambda a: boto3.client("firehose").put_record(DeliveryStreamName=os.environ["STREAM"], Record={"Data": b"row"}),
    "secret": lambda a: boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SECRET"])["SecretString"],
    "invoke": lambda a: boto3.client("lambda").invoke(FunctionName=a.get("name") or os.environ["INFERENCE"], Payload=json.dumps(a)),
    "sleep": lambda a: time.sleep(a["seconds"]),
    "die": lambda a: os._exit(7),
    "shapeless": lambda a: None,
}


def handler(event, context):
    if event.get("rawPath") != "/do":
        return {"statusCode": 200, "headers": {"content-type": "application/json", "access-control-allow-origin": "mine"},
                "cookies": ["a=1", "b=2"], "body": json.dumps(event)}
    act = json.loads(event["body"])
    try:
        done = ACTS[act["act"]](act)
    except boto3.client("s3").exceptions.ClientError as error:
        return {"statusCode": 502, "body": str(error.response["ResponseMetadata"]["HTTPStatusCode"])}
    if act["act"] == "shapeless":
        return ["no", "status"]
    if act["act"] == "invoke":
        done = {"error": done.get("FunctionError", ""), "payload": done["Payload"].read().decode()}
    return {"statusCode": 200, "body": json.dumps(done, default=str)}
"""

INFERENCE = """
import os


def handler(event, context):
    if event.get("fail"):
        raise ValueError("asked to fail")
    return {"arn": context.invoked_function_arn, "seen": sorted(os.listdir(os.environ["LAMBDA_TASK_ROOT"]))}
"""

TRAINING = """
import os
from datetime import UTC, datetime

from fieldwise_common.store.manifest import Manifest, Verdict, FileEntry, version_name
from fieldwise_common.store.model_store import open_store
import hashlib


class CanonicalBroken(Exception):
    pass


def handler(event, context):
    state, step = event["state"], event["step"]
    if state.get("mode") == "full-train":
        raise CanonicalBroken("en.json, given-name: not a list")
    if step == "publish":
        store = open_store(os.environ["MODEL_STORE"])
        version = version_name("embeddings", datetime.now(UTC), event["run_id"])
        store.objects.put(version + "/encoder.onnx", b"model")
        files = {"encoder.onnx": FileEntry(sha256=hashlib.sha256(b"model").hexdigest(), size=5)}
        store.seal(Manifest(version=version, created_at=datetime.now(UTC), mode=state["mode"], parent=None, code_version="0",
                            run_id=event["run_id"], files=files, data={}, parameters={}, metrics={},
                            verdict=Verdict(promote=True, reason="tiny")))
        live = store.published_or_none()
        store.promote(version, event["run_id"], live.pointer.version if live is not None else None)
        return {**state, "version": version, "promoted": True}
    accuracy = 0.9
    if state["mode"] == "smoke-test":
        return {**state, "accuracy": accuracy, "promote": False, "reason": "smoke-test"}
    return {**state, "accuracy": accuracy, "promote": accuracy >= float(os.environ["MIN_ACCURACY"]), "reason": "measured"}
"""

DOCKERFILE = """
FROM public.ecr.aws/lambda/python:3.13
COPY inference/requirements.txt /tmp/
COPY layers/common/python/ ${LAMBDA_TASK_ROOT}/
COPY inference/inference.py \\
     inference/training.py ${LAMBDA_TASK_ROOT}/
CMD ["inference.handler"]
"""


def _task(step: str, following: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": "${TrainingFunction}",
            "Payload": {"step": step, "run_id.$": "$$.Execution.Name", "state.$": "$"},
        },
        "OutputPath": "$.Payload",
        "Next": following,
    }


MACHINE = {
    "StartAt": "measure",
    "States": {
        "measure": _task("measure", "verdict"),
        "verdict": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.promote", "BooleanEquals": True, "Next": "publish"}],
            "Default": "Rejected",
        },
        "publish": _task("publish", "Promoted"),
        "Promoted": {"Type": "Succeed"},
        "Rejected": {"Type": "Succeed"},
    },
}


def tiny_project(root: Path) -> Path:
    """Writes the miniature system into `root`; returns the path of its template."""
    (root / "backend").mkdir(parents=True)
    (root / "inference").mkdir()
    (root / "layers").symlink_to(Path(__file__).parents[2] / "layers")
    (root / "template.yaml").write_text(TEMPLATE)
    (root / "backend" / "backend.py").write_text(BACKEND)
    (root / "inference" / "inference.py").write_text(INFERENCE)
    (root / "inference" / "training.py").write_text(TRAINING)
    (root / "inference" / "requirements.txt").write_text("")
    (root / "inference" / "Dockerfile").write_text(DOCKERFILE)
    (root / "machine.asl.json").write_text(json.dumps(MACHINE))
    return root / "template.yaml"


def tiny_config(root: Path, **parameters: str) -> StackConfig:
    """The miniature system with its state folder, both below `root`."""
    template = root / "project" / "template.yaml"
    if not template.exists():
        tiny_project(root / "project")
    return StackConfig(template, StateFolder(root / "state"), 0, parameters)
