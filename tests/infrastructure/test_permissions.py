import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.infrastructure.conftest import ROOT, blueprint_with

from local.template.blueprint import Blueprint
from local.template.names import ACCOUNT

BUCKET = "arn:aws:s3:::test-data-bucket"
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function"
MODELS, DECISIONS = f"{BUCKET}/models/*", f"{BUCKET}/decisions/*"
OVERRIDES = f"{BUCKET}/models/overrides.json"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/test-profiles-table"
STREAM = "arn:aws:firehose:us-east-1:123456789012:deliverystream/test-decision-stream"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:test"
INFERENCE, TRAINING = f"{LAMBDA}:test-inference-function:live", f"{LAMBDA}:test-training-function"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1b2c"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:test-training"
ECS, ROLE = "arn:aws:ecs:us-east-1:123456789012", "arn:aws:iam::123456789012:role/test-training"
RULE = "arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsFor"
JOB = "arn:aws:sagemaker:us-east-1:123456789012:processing-job/fieldwise-*"
PULL = {
    ("ecr:GetAuthorizationToken", "*"),
    ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:123456789012:repository/*"),
    ("ecr:GetDownloadUrlForLayer", "arn:aws:ecr:us-east-1:123456789012:repository/*"),
}
"""Of the training image."""

TRACES = {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")}


def own_log(name: str) -> set[tuple[str, str]]:
    group = f"arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/test-{name}:*"
    return {("logs:CreateLogStream", group), ("logs:PutLogEvents", group)}


def own_rule(name: str) -> set[tuple[str, str]]:
    """By which Step Functions learns that a task has ended."""
    return {(f"events:{action}", f"{RULE}{name}") for action in ("PutTargets", "PutRule", "DescribeRule")}


STEP_IN_A_CONTAINER = {("s3:GetObject", MODELS), ("s3:PutObject", MODELS), ("s3:AbortMultipartUpload", MODELS), ("s3:ListBucket", BUCKET)}

MAY: Mapping[str, set[tuple[str, str]]] = {
    "BackendFunctionRole": {
        *TRACES,
        *own_log("backend"),
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("s3:GetObject", OVERRIDES),
        ("s3:PutObject", OVERRIDES),
        ("firehose:PutRecord", STREAM),
        ("secretsmanager:GetSecretValue", SECRET),
        ("lambda:InvokeFunction", INFERENCE),
    },
    "InferenceFunctionRole": {("s3:GetObject", MODELS), *TRACES, *own_log("inference")},
    "TrainingFunctionRole": {
        *TRACES,
        *own_log("training"),
        ("s3:GetObject", MODELS),
        ("s3:PutObject", MODELS),
        ("s3:AbortMultipartUpload", MODELS),
        ("s3:DeleteObject", f"{BUCKET}/models/*/checkpoints/*"),
        ("s3:GetObject", DECISIONS),
        ("s3:ListBucket", BUCKET),
        ("lambda:InvokeFunction", INFERENCE),
        ("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/test-events"),
    },
    "TrainingStateMachineRole": {
        *TRACES,
        ("xray:GetSamplingRules", "*"),
        ("xray:GetSamplingTargets", "*"),
        ("lambda:InvokeFunction", TRAINING),
        *((f"logs:{act}LogDelivery", "*") for act in ("Create", "Get", "Update", "Delete")),
        ("logs:ListLogDeliveries", "*"),
        ("logs:PutResourcePolicy", "*"),
        ("logs:DescribeResourcePolicies", "*"),
        ("logs:DescribeLogGroups", "*"),
        ("states:StartExecution", MACHINE),
        ("states:DescribeExecution", f"{MACHINE.replace('stateMachine', 'execution')}/*"),
        ("states:StopExecution", f"{MACHINE.replace('stateMachine', 'execution')}/*"),
        ("lambda:GetFunction", TRAINING),
        ("ecs:RegisterTaskDefinition", "*"),
        ("ecs:RunTask", f"{ECS}:task-definition/test-training:*"),
        ("ecs:DescribeTasks", f"{ECS}:task/test-training/*"),
        ("ecs:StopTask", f"{ECS}:task/test-training/*"),
        ("iam:PassRole", f"{ROLE}-task-role"),
        ("iam:PassRole", f"{ROLE}-task-execution-role"),
        *own_rule("ECSTaskRule"),
    },
    "TrainingTaskRole": STEP_IN_A_CONTAINER,
    "TrainingTaskExecutionRole": {
        *PULL,
        ("logs:CreateLogStream", "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/test-training:*"),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/test-training:*"),
    },
    "DecisionStreamRole": {
        ("s3:PutObject", DECISIONS),
        ("s3:PutObject", f"{BUCKET}/decision-errors/*"),
        ("s3:AbortMultipartUpload", DECISIONS),
        ("s3:AbortMultipartUpload", f"{BUCKET}/decision-errors/*"),
        ("s3:GetBucketLocation", BUCKET),
        ("s3:ListBucket", BUCKET),
        ("s3:ListBucketMultipartUploads", BUCKET),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/kinesisfirehose/test-decisions:*"),
    },
    "DeploymentRole": {
        *(
            (f"lambda:{act}", f"{LAMBDA}:test-{function}-function{suffix}")
            for act in ("GetAlias", "UpdateAlias", "GetProvisionedConcurrencyConfig")
            for function in ("backend", "inference")
            for suffix in ("", ":*")
        ),
        ("cloudwatch:DescribeAlarms", "*"),
    },
    "WarmUpRole": {("lambda:InvokeFunction", INFERENCE)},
    "RetrainRole": {("states:StartExecution", MACHINE)},
}
"""Everything each role may do. A permission added to the template must be added here too."""


@pytest.fixture(scope="module")
def everything() -> Blueprint:
    """With both schedules and ECS, so that their roles exist."""
    blueprint = blueprint_with(RetrainSchedule="rate(7 days)", WarmUpSchedule="rate(5 minutes)", TrainingContainers="subnet-1a")
    blueprint.learn("UserHashSecret", SECRET)
    return blueprint


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def statements(role: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for policy in role.get("Policies", ()):
        yield from policy["PolicyDocument"]["Statement"]


def test_each_role_may_do_what_is_listed_and_nothing_else(everything: Blueprint) -> None:
    roles = everything.of_type("AWS::IAM::Role")

    granted = {
        logical_id: {(a, r) for s in statements(role) for a in as_list(s["Action"]) for r in as_list(s["Resource"])}
        for logical_id, role in roles.items()
    }

    assert granted == MAY
    assert {s["Effect"] for role in roles.values() for s in statements(role)} == {"Allow"}


def test_with_sagemaker_the_state_machine_may_run_its_jobs_instead_of_tasks_on_ecs(everything: Blueprint) -> None:
    def granted(blueprint: Blueprint, role: str) -> set[tuple[str, str]]:
        found = statements(blueprint.of_type("AWS::IAM::Role")[role])
        return {(a, r) for s in found for a in as_list(s["Action"]) for r in as_list(s["Resource"])}

    with_ecs, with_jobs = everything, blueprint_with(TrainingContainers="sagemaker")
    logs = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/ProcessingJobs*"

    assert granted(with_jobs, "TrainingStateMachineRole") - granted(with_ecs, "TrainingStateMachineRole") == {
        *((f"sagemaker:{action}", JOB) for action in ("CreateProcessingJob", "DescribeProcessingJob", "StopProcessingJob")),
        ("sagemaker:AddTags", JOB),
        ("sagemaker:ListTags", JOB),
        ("iam:PassRole", f"{ROLE}-job-role"),
        *own_rule("SageMakerProcessingJobsRule"),
    }
    assert granted(with_jobs, "TrainingJobRole") == {
        *STEP_IN_A_CONTAINER,
        *PULL,
        *((f"logs:{action}", logs) for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogStreams")),
    }


def test_by_default_nothing_runs_in_containers(blueprint: Blueprint) -> None:
    roles = blueprint.of_type("AWS::IAM::Role")

    assert blueprint.of_type("AWS::ECS::Cluster") == {}
    assert [name for name in roles if name.startswith(("TrainingTask", "TrainingJob"))] == []
    assert [s["Action"] for s in statements(roles["TrainingStateMachineRole"]) if str(s["Action"]).startswith(("ecs", "sagemaker"))] == []


def test_a_role_is_passed_to_its_one_service(everything: Blueprint) -> None:
    found = {}
    for blueprint in (everything, blueprint_with(TrainingContainers="sagemaker")):
        role = blueprint.of_type("AWS::IAM::Role")["TrainingStateMachineRole"]
        (passing,) = [s for s in statements(role) if s["Action"] == "iam:PassRole"]
        found |= dict.fromkeys(as_list(passing["Resource"]), passing["Condition"]["StringEquals"]["iam:PassedToService"])

    ecs = "ecs-tasks.amazonaws.com"
    assert found == {f"{ROLE}-task-role": ecs, f"{ROLE}-task-execution-role": ecs, f"{ROLE}-job-role": "sagemaker.amazonaws.com"}


def test_the_owners_key_is_granted_to_the_roles_that_read_or_write_with_it() -> None:
    roles = blueprint_with(KmsKeyArn=KEY).of_type("AWS::IAM::Role")

    granted = {
        logical_id: {action for s in statements(role) if s["Resource"] == KEY for action in as_list(s["Action"])}
        for logical_id, role in roles.items()
    }

    both = {"kms:Decrypt", "kms:GenerateDataKey"}
    assert {logical_id: actions for logical_id, actions in granted.items() if actions} == {
        "BackendFunctionRole": both,
        "InferenceFunctionRole": {"kms:Decrypt"},
        "TrainingFunctionRole": both,
        "DecisionStreamRole": both,
    }


def test_no_role_has_a_managed_policy(everything: Blueprint) -> None:
    assert [logical_id for logical_id, role in everything.of_type("AWS::IAM::Role").items() if "ManagedPolicyArns" in role] == []


@pytest.mark.parametrize("service", ["scheduler", "firehose", "states", "ecs-tasks"])
def test_a_service_assumes_a_role_for_this_account_only(everything: Blueprint, service: str) -> None:
    trusted = [role["AssumeRolePolicyDocument"]["Statement"][0] for role in everything.of_type("AWS::IAM::Role").values()]

    conditions = [t["Condition"] for t in trusted if t["Principal"]["Service"] == f"{service}.amazonaws.com"]

    assert conditions
    assert all(condition == {"StringEquals": {"aws:SourceAccount": ACCOUNT}} for condition in conditions)


def test_listing_the_bucket_is_bounded_to_what_training_reads(everything: Blueprint) -> None:
    role = everything.of_type("AWS::IAM::Role")["TrainingFunctionRole"]

    (listing,) = [s for s in statements(role) if s["Action"] == "s3:ListBucket"]

    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["models/*", "decisions/*"]}}


def test_a_role_is_assumed_by_its_one_service(everything: Blueprint) -> None:
    trusted = {
        logical_id: as_list(role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"])
        for logical_id, role in everything.of_type("AWS::IAM::Role").items()
    }

    assert trusted == {
        "BackendFunctionRole": ["lambda.amazonaws.com"],
        "InferenceFunctionRole": ["lambda.amazonaws.com"],
        "TrainingFunctionRole": ["lambda.amazonaws.com"],
        "TrainingStateMachineRole": ["states.amazonaws.com"],
        "TrainingTaskRole": ["ecs-tasks.amazonaws.com"],
        "TrainingTaskExecutionRole": ["ecs-tasks.amazonaws.com"],
        "DecisionStreamRole": ["firehose.amazonaws.com"],
        "DeploymentRole": ["codedeploy.amazonaws.com"],
        "WarmUpRole": ["scheduler.amazonaws.com"],
        "RetrainRole": ["scheduler.amazonaws.com"],
    }


def test_every_granted_action_has_its_reason_at_the_end_of_the_line() -> None:
    lines = Path(ROOT / "template.yaml").read_text().splitlines()
    allowed = [number for number, line in enumerate(lines) if line.strip() == "Effect: Allow"]
    actions = [lines[number + 1] for number in allowed if "sts:AssumeRole" not in "".join(lines[number + 1 : number + 3])]

    silent = [line for line in actions if not re.search(r"Action:.*# \w+", line)]

    assert len(actions) > 10
    assert silent == []
