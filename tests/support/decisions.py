"""The decision log of a running stack, as its owner reads it."""

from fieldwise_common.decision_log import LogRow, decode
from local.stack import Stack


def log_rows(stack: Stack) -> list[LogRow]:
    """Every row of the log. Each object has the rows of one request; the order of the objects is undefined."""
    s3 = stack.admin.client("s3")
    bucket = next(iter(stack.blueprint.of_type("AWS::S3::Bucket").values()))["BucketName"]
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="decisions/").get("Contents", ())]
    texts = ((key, s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()) for key in keys)
    return [row for key, text in texts for row in decode(text, key)]
