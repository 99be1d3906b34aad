"""The name and ARN of each resource here. CloudFormation invents them at deployment; the local stack must know them before."""

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
    "AWS::Events::EventBus": "Name",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::CloudWatch::Alarm": "AlarmName",
}
"""The property that holds the name, by type. Resources of other types are named by their logical id."""

ARN: Mapping[str, Callable[[str, str], str]] = {
    "AWS::S3::Bucket": lambda name, _: f"arn:aws:s3:::{name}",
    "AWS::IAM::Role": lambda name, _: f"arn:aws:iam::{ACCOUNT}:role/{name}",
    "AWS::DynamoDB::Table": lambda name, region: f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}",
    "AWS::Lambda::Function": lambda name, region: f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}",
    "AWS::StepFunctions::StateMachine": lambda name, region: f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{name}",
    "AWS::KinesisFirehose::DeliveryStream": lambda name, region: f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/{name}",
    "AWS::SecretsManager::Secret": lambda name, region: f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}",
    "AWS::Events::EventBus": lambda name, region: f"arn:aws:events:{region}:{ACCOUNT}:event-bus/{name}",
    "AWS::Logs::LogGroup": lambda name, region: f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}:*",
    "AWS::ECS::Cluster": lambda name, region: f"arn:aws:ecs:{region}:{ACCOUNT}:cluster/{name}",
}
"""ARN from name and region, by type. A secret's real ARN ends in random characters, known once it is created."""

REF_IS_ARN = {"AWS::StepFunctions::StateMachine", "AWS::SecretsManager::Secret"}
"""The types whose `Ref` is the ARN; for all others it is the name."""


def physical_name(stack: str, logical_id: str) -> str:
    """`fieldwise-local`, `DataBucket` → `fieldwise-local-data-bucket`: the same at every start, so that saved data is found again."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", logical_id).lower()
    return f"{stack}-{words}"
