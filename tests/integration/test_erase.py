"""Erasing a user from a stack's table and bucket, as CloudFormation describes the stack."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
import pyarrow as pa
import pytest
from moto import mock_aws
from pyarrow import parquet
from tests.support.server import Answer, running_server
from tools.erase.cli import main
from tools.erase.log_objects import LogObjects, ObjectVersion

from fieldwise_backend.profile.service import owner_of
from fieldwise_common.auth import Caller
from fieldwise_common.decision_log import LogRow, decode, encode, user_hash
from fieldwise_common.errors import StoreError

ISSUER = "https://issuer.example"
BUCKET, TABLE, SECRET = "fieldwise-data", "profiles", "hash-key"
KEY = b"a-key-for-tests"
ME, OTHER = (Caller(ISSUER, subject, frozenset()) for subject in ("me", "other"))
LOG = "decisions/2026/11/22/10/one"
ASKED = ["--stack", "fieldwise", "--issuer", ISSUER, "--subject", "me"]


def items_of(user: Caller) -> set[str]:
    return {f"{owner_of(user)}{end}" for end in ("", "/sites", "/site/0123456789abcdef")}


def hash_of(user: Caller) -> str:
    return user_hash(KEY, user.issuer, user.subject)


def rows(*users: Caller) -> bytes:
    cells = {"timestamp": "2026-11-22T10:15:00.000Z", "route": "classify", "selector": "#a"}
    return encode(LogRow(**cells, user_hash=hash_of(user)) for user in users).encode()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A stack of two users, whose log was overwritten once."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        resources = {"Topic": {"Type": "AWS::SNS::Topic"}}
        values = {"ProfilesTableName": TABLE, "DataBucketName": BUCKET, "UserHashSecretArn": SECRET}
        outputs = {name: {"Value": value} for name, value in values.items()}
        template = json.dumps({"Resources": resources, "Outputs": outputs})
        boto3.client("cloudformation").create_stack(StackName="fieldwise", TemplateBody=template)
        boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=KEY.decode())
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for user in (ME, OTHER):
            for key in items_of(user):
                dynamodb.put_item(TableName=TABLE, Item={"owner": {"S": key}, "document": {"S": "of no known form"}})
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        client.put_object(Bucket=BUCKET, Key=LOG, Body=rows(ME))
        client.put_object(Bucket=BUCKET, Key=LOG, Body=rows(ME, OTHER, ME))
        client.put_object(Bucket=BUCKET, Key="decisions/2026/11/22/11/two", Body=rows(OTHER))
        client.put_object(Bucket=BUCKET, Key="decisions/2026/11/22/12/gone", Body=rows(ME))
        client.delete_object(Bucket=BUCKET, Key="decisions/2026/11/22/12/gone")
        yield client


def bodies(s3: Any) -> list[bytes]:
    """Of every version of the log's objects."""
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix="decisions/").get("Versions", ())
    return [s3.get_object(Bucket=BUCKET, Key=v["Key"], VersionId=v["VersionId"])["Body"].read() for v in versions]


def owners() -> set[str]:
    return {item["owner"]["S"] for item in boto3.client("dynamodb").scan(TableName=TABLE)["Items"]}


def marks(s3: Any) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="models/erased/").get("Contents", ())]


V1, V2, V3 = (f"embeddings_v2026112{day}T101500Z-3f9a2c" for day in (1, 2, 3))


@pytest.fixture
def versions(s3: Any) -> None:
    """Three versions: the user's votes are in the first, their judged forms in the third."""
    for version, name, users in (
        (V1, "votes", (ME, OTHER)),
        (V1, "judged", (OTHER,)),
        (V2, "votes", (OTHER,)),
        (V2, "judged", ()),
        (V3, "votes", ()),
        (V3, "judged", (OTHER, ME, ME)),
    ):
        columns = {"site": pa.array(["s"] * len(users)), "user": pa.array([hash_of(user) for user in users], pa.string())}
        file = io.BytesIO()
        parquet.write_table(pa.table(columns), file)
        s3.put_object(Bucket=BUCKET, Key=f"models/{version}/data/{name}.parquet", Body=file.getvalue())
    s3.put_object(Bucket=BUCKET, Key="models/latest", Body=b"{}")


def test_a_dry_run_names_the_versions_that_hold_votes(s3: Any, versions: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ASKED) == 0

    assert capsys.readouterr().out.splitlines()[1] == (
        f"votes of the user are in {V1}, {V3}; the next version would drop them, and these stay until a prune deletes them"
    )
    assert marks(s3) == []


def test_an_erasure_marks_the_user_for_the_next_version(s3: Any, versions: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ASKED, "--apply"]) == 0

    assert marks(s3) == [f"models/erased/{hash_of(ME)}"]
    mark = s3.get_object(Bucket=BUCKET, Key=marks(s3)[0])["Body"].read().decode()
    assert datetime.fromisoformat(mark).tzinfo is not None
    assert f"votes of the user are in {V1}, {V3}; the next version drops them" in capsys.readouterr().out


def test_a_user_whose_votes_alone_are_left_is_marked_again(s3: Any, versions: None, capsys: pytest.CaptureFixture[str]) -> None:
    main([*ASKED, "--apply"])
    s3.delete_object(Bucket=BUCKET, Key=marks(s3)[0])
    capsys.readouterr()

    assert main([*ASKED, "--apply"]) == 0

    assert marks(s3) == [f"models/erased/{hash_of(ME)}"]
    assert capsys.readouterr().out.startswith("no profile, 0 items of memory, 0 rows in 0 objects")


@pytest.mark.parametrize("body", [b"PAR1 no more", b""])
def test_nothing_is_erased_when_a_version_can_not_be_read(s3: Any, versions: None, capsys: pytest.CaptureFixture[str], body: bytes) -> None:
    before = bodies(s3)
    s3.put_object(Bucket=BUCKET, Key=f"models/{V2}/data/votes.parquet", Body=body)

    assert main([*ASKED, "--apply"]) == 1

    shown = capsys.readouterr().err
    assert (f"{V2}/data/votes.parquet can't be read" in shown, len(shown.splitlines())) == (True, 1)
    assert (bodies(s3), owners(), marks(s3)) == (before, items_of(ME) | items_of(OTHER), [])


def test_a_dry_run_shows_what_would_be_erased_and_changes_nothing(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = bodies(s3)

    assert main(ASKED) == 0

    assert capsys.readouterr().out.splitlines() == [
        "the profile, 2 items of memory, 2 rows in 1 objects, 2 old versions of objects: would be erased (dry run: add --apply)"
    ]
    assert marks(s3) == []
    assert (bodies(s3), owners()) == (before, items_of(ME) | items_of(OTHER))


def test_all_data_of_the_user_is_erased_in_every_object_version_and_all_data_of_others_is_kept(s3: Any) -> None:
    assert main([*ASKED, "--apply"]) == 0

    mine = hash_of(ME).encode()
    assert owners() == items_of(OTHER)
    assert [body for body in bodies(s3) if mine in body] == []
    current = s3.get_object(Bucket=BUCKET, Key=LOG)["Body"].read().decode()
    assert [row.user_hash for row in decode(current, LOG)] == [hash_of(OTHER)]
    assert len(bodies(s3)) == 2


def test_erasing_again_finds_nothing_and_prints_what_to_check(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    main([*ASKED, "--apply"])
    capsys.readouterr()

    assert main([*ASKED, "--apply"]) == 0

    assert capsys.readouterr().out.startswith("nothing found: if you expected something, compare issuer (including any trailing slash)")


@pytest.mark.parametrize(
    "typed",
    [
        ["--app", *ASKED],  # no short form of --apply
        [*ASKED, "me@example.com"],
        [*ASKED, "--sub=me@example.com"],
        [*ASKED, "--subject"],
        [*ASKED, "--subject", ""],
        [*ASKED, "--issuer", " "],
        ["--issuer", ISSUER],
    ],
    ids=" ".join,
)
def test_wrong_options_are_one_line_that_repeats_no_input_and_change_nothing(
    s3: Any, capsys: pytest.CaptureFixture[str], typed: list[str]
) -> None:
    before = bodies(s3)

    assert main(typed) == 2

    shown = capsys.readouterr()
    assert (shown.out, len(shown.err.splitlines())) == ("", 1)
    assert "me@example.com" not in shown.err
    assert (bodies(s3), owners()) == (before, items_of(ME) | items_of(OTHER))


def test_nothing_is_erased_when_the_log_can_not_be_read_completely(
    s3: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, read = bodies(s3), LogObjects.read

    def denied_at_the_end(log: LogObjects, version: ObjectVersion) -> bytes:
        if version.key.endswith("two"):
            raise StoreError(f"{version.key}: AccessDenied")
        return read(log, version)

    monkeypatch.setattr(LogObjects, "read", denied_at_the_end)

    assert main([*ASKED, "--apply"]) == 1

    assert capsys.readouterr().err == "decisions/2026/11/22/11/two: AccessDenied\n"
    assert (bodies(s3), owners()) == (before, items_of(ME) | items_of(OTHER))


def test_an_interrupted_erasure_is_reported_and_can_be_repeated(
    s3: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_log: LogObjects, version: ObjectVersion) -> None:
        raise StoreError(f"{version.key}: AccessDenied")

    with monkeypatch.context() as broken:
        broken.setattr(LogObjects, "delete", denied)
        assert main([*ASKED, "--apply"]) == 1
    assert capsys.readouterr().err == f"{LOG}: AccessDenied; not everything was erased: run the command again\n"

    assert main([*ASKED, "--apply"]) == 0

    mine = hash_of(ME).encode()
    assert [body for body in bodies(s3) if mine in body] == []
    assert owners() == items_of(OTHER)


def test_a_stack_that_does_not_exist_is_named(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ASKED, "--stack", "elsewhere"]) == 1

    assert "elsewhere" in capsys.readouterr().err


def test_a_stack_without_the_outputs_is_refused_naming_a_missing_one(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    template = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    boto3.client("cloudformation").create_stack(StackName="other", TemplateBody=template)

    assert main([*ASKED, "--stack", "other"]) == 1

    assert "ProfilesTableName" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["secret", "table", "bucket"])
def test_a_resource_that_can_not_be_read_is_named_and_the_command_fails(s3: Any, capsys: pytest.CaptureFixture[str], missing: str) -> None:
    if missing == "secret":
        boto3.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    if missing == "table":
        boto3.client("dynamodb").delete_table(TableName=TABLE)
    if missing == "bucket":
        for version in (s3.list_object_versions(Bucket=BUCKET)["Versions"]) + s3.list_object_versions(Bucket=BUCKET)["DeleteMarkers"]:
            s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        s3.delete_bucket(Bucket=BUCKET)

    assert main([*ASKED, "--apply"]) == 1

    assert {"secret": SECRET, "table": TABLE, "bucket": BUCKET}[missing] in capsys.readouterr().err


def erase_in_a_process(**environment: str) -> tuple[int, str]:
    """Runs the command as a shell does; returns its exit code and output."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ours = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "AWS_CONFIG_FILE": os.devnull}
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    command = [sys.executable, "-m", "tools.erase", *ASKED]
    done = subprocess.run(command, env=outside | ours | keys | environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"AWS_PROFILE": "nope"}, "The config profile (nope) could not be found"),
        ({"AWS_ENDPOINT_URL": "nonsense", "AWS_DEFAULT_REGION": "eu-west-1"}, "Invalid endpoint: nonsense"),
        ({}, "You must specify a region."),
    ],
    ids=["profile", "endpoint", "region"],
)
def test_a_wrong_aws_configuration_is_reported_in_one_line(environment: dict[str, str], message: str) -> None:
    assert erase_in_a_process(**environment) == (1, f"{message}\n")


@pytest.mark.parametrize("page", [b"<html>a proxy's page</html>", b"<html>a proxy's<br>page</html>"])
def test_an_endpoint_that_is_not_aws_is_reported_in_one_line(page: bytes) -> None:
    with running_server() as server:
        server.answers["/"] = Answer(200, page)
        code, output = erase_in_a_process(AWS_ENDPOINT_URL=server.url, AWS_DEFAULT_REGION="eu-west-1")

    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith("stack fieldwise: the endpoint does not respond as AWS does (")
