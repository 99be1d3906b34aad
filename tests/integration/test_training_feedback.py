from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fieldwise_common.errors import StoreError
from fieldwise_training.feedback.pairs import Feedback, FeedbackPair
from fieldwise_training.feedback.read import read_feedback

BUCKET = "fieldwise-data"
KNOWN = frozenset({"given-name"})
PLAIN = b"query_key,matched_key,correct\nRufname,given-name,yes\n"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for key, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(key, value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.mark.parametrize("key", ["feedback.csv", "team/feedback.csv"])
def test_one_csv_in_a_bucket_is_read(s3: Any, key: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=PLAIN)

    assert read_feedback(f"s3://{BUCKET}/{key}", KNOWN).confirmed == (FeedbackPair("Rufname", "given-name", 1),)


@pytest.mark.parametrize("key", ["feedback.csv", "decisions/"])
def test_a_missing_csv_and_an_empty_prefix_give_no_pairs(s3: Any, key: str) -> None:
    assert read_feedback(f"s3://{BUCKET}/{key}", KNOWN) == Feedback()


def test_a_prefix_does_not_include_longer_names(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="decisions/", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="decisions-old/feedback", Body=PLAIN)

    assert read_feedback(f"s3://{BUCKET}/decisions/", KNOWN) == Feedback()


def test_a_missing_bucket_is_an_error(s3: Any) -> None:
    with pytest.raises(StoreError, match="NoSuchBucket"):
        read_feedback("s3://no-such-bucket/decisions/", KNOWN)
