"""The name and ARN each resource has here: CloudFormation invents them at deployment, we must know them before."""

import re
from collections.abc import Callable, Mapping

ACCOUNT = "123456789012"

NAME_PROPERTY: Mapping[str, str] = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::CloudWatch::Alarm": "AlarmName",
}
"""The property of a type that names it; types beside these are known by their logical id."""

ARN: Mapping[str, Callable[[str, str], str]] = {
    "AWS::S3::Bucket": lambda name, _: f"arn:aws:s3:::{name}",
    "AWS::IAM::Role": lambda name, _: f"arn:aws:iam::{ACCOUNT}:role/{name}",
    "AWS::DynamoDB::Table": lambda name, region: f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}",
    "AWS::Lambda::Function": lambda name, region: f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}",
    "AWS::StepFunctions::StateMachine": lambda name, region: f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{name}",
    "AWS::KinesisFirehose::DeliveryStream": lambda name, region: f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/{name}",
    "AWS::SecretsManager::Secret": lambda name, region: f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}",
    "AWS::Logs::LogGroup": lambda name, region: f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}:*",
}
"""ARN by type, from name and region. A secret's goes on with random characters: who creates it tells."""

MADE_HERE = {
    "AWS::ApiGatewayV2::Api",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
}
"""The types that run on this machine; of the others nobody here asks more than a name."""

REF_IS_ARN = {"AWS::StepFunctions::StateMachine", "AWS::SecretsManager::Secret"}
"""The types whose `Ref` is their ARN; the others' is their name."""


def physical_name(stack: str, logical_id: str) -> str:
    """`fieldwise-local`, `DataBucket` → `fieldwise-local-data-bucket`: the same at every start, so that what is kept is found."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", logical_id).lower()
    return f"{stack}-{words}"
