from tests.infrastructure.conftest import blueprint_with

from fieldwise_backend.adapters.dynamodb_memory import NAMES
from fieldwise_common.store import layout
from local.template.blueprint import Blueprint


def test_the_bucket_is_versioned_encrypted_and_not_public(blueprint: Blueprint) -> None:
    bucket = blueprint.of_type("AWS::S3::Bucket")["DataBucket"]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_refuses_requests_without_tls(blueprint: Blueprint) -> None:
    policy = blueprint.of_type("AWS::S3::BucketPolicy")["DataBucketPolicy"]

    (statement,) = policy["PolicyDocument"]["Statement"]

    assert policy["Bucket"] == blueprint.name("DataBucket")
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == [blueprint.arn("DataBucket"), f"{blueprint.arn('DataBucket')}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_smoke_tests_files_between_steps_and_overwritten_objects_expire(blueprint: Blueprint) -> None:
    rules = blueprint.of_type("AWS::S3::Bucket")["DataBucket"]["LifecycleConfiguration"]["Rules"]

    expiring = [rule for rule in rules if "ExpirationInDays" in rule]

    assert [rule["Prefix"] for rule in expiring] == ["models/smoketest_", f"models/{layout.RUNS}"]
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)


def test_profiles_are_keyed_by_owner_encrypted_and_recoverable(blueprint: Blueprint) -> None:
    table = blueprint.of_type("AWS::DynamoDB::Table")["ProfilesTable"]

    assert table["KeySchema"] == [{"AttributeName": "owner", "KeyType": "HASH"}]
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": NAMES["#expires"], "Enabled": True}


def test_data_and_the_hash_key_outlive_the_stack(blueprint: Blueprint) -> None:
    resources = blueprint.template["Resources"]

    kept = {logical_id for logical_id, r in resources.items() if r.get("DeletionPolicy") == "RetainExceptOnCreate"}

    assert kept == {"DataBucket", "ProfilesTable", "UserHashSecret", "UserPool"}
    assert all(resources[logical_id]["UpdateReplacePolicy"] == "Retain" for logical_id in kept)


def test_the_hash_key_is_long_and_generated(blueprint: Blueprint) -> None:
    secret = blueprint.of_type("AWS::SecretsManager::Secret")["UserHashSecret"]

    assert secret["GenerateSecretString"]["PasswordLength"] >= 32
    assert "SecretString" not in secret


def test_the_decision_log_expires_only_after_the_given_days() -> None:
    rules = blueprint_with(DecisionRetentionDays="400").of_type("AWS::S3::Bucket")["DataBucket"]["LifecycleConfiguration"]["Rules"]

    (rule,) = [rule for rule in rules if rule.get("Prefix") == "decisions/"]

    assert rule["ExpirationInDays"] == "400"


def test_the_owners_key_encrypts_all_stored_data() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1b2c"
    blueprint = blueprint_with(KmsKeyArn=key)

    (rule,) = blueprint.of_type("AWS::S3::Bucket")["DataBucket"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    table = blueprint.of_type("AWS::DynamoDB::Table")["ProfilesTable"]["SSESpecification"]

    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert table == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    assert blueprint.of_type("AWS::SecretsManager::Secret")["UserHashSecret"]["KmsKeyId"] == key
    assert blueprint.of_type("AWS::SNS::Topic")["AlarmTopic"]["KmsMasterKeyId"] == key
    assert {group["KmsKeyId"] for group in blueprint.of_type("AWS::Logs::LogGroup").values()} == {key}
    assert {function["KmsKeyArn"] for function in blueprint.of_type("AWS::Lambda::Function").values()} == {key}
