import csv
import io
import re
from typing import Any

import pytest

from fieldwise_common.decision_log import COLUMNS, LogRow, encode
from local.template.blueprint import Blueprint


@pytest.fixture
def table(blueprint: Blueprint) -> dict[str, Any]:
    found: dict[str, Any] = blueprint.of_type("AWS::Glue::Table")["DecisionTable"]["TableInput"]
    return found


def test_the_table_has_the_logs_columns_in_their_order(table: dict[str, Any]) -> None:
    columns = table["StorageDescriptor"]["Columns"]

    assert tuple(column["Name"] for column in columns) == COLUMNS
    assert {column["Type"] for column in columns} == {"string"}


def test_partitions_are_projected_over_the_streams_own_layout(blueprint: Blueprint, table: dict[str, Any]) -> None:
    stream = blueprint.of_type("AWS::KinesisFirehose::DeliveryStream")["DecisionStream"]["ExtendedS3DestinationConfiguration"]
    bucket = blueprint.name("DataBucket")

    assert stream["Prefix"] == "decisions/"
    assert table["StorageDescriptor"]["Location"] == f"s3://{bucket}/decisions/"
    assert table["Parameters"]["storage.location.template"] == f"s3://{bucket}/decisions/${{hour}}/"
    assert [key["Name"] for key in table["PartitionKeys"]] == ["hour"]
    assert table["Parameters"]["projection.enabled"] == "true"
    assert table["Parameters"]["projection.hour.format"] == "yyyy/MM/dd/HH"
    assert table["Parameters"]["projection.hour.interval.unit"] == "HOURS"


def test_records_are_buffered_for_a_minute_and_failures_have_their_own_prefix(blueprint: Blueprint) -> None:
    stream = blueprint.of_type("AWS::KinesisFirehose::DeliveryStream")["DecisionStream"]

    destination = stream["ExtendedS3DestinationConfiguration"]

    assert stream["DeliveryStreamType"] == "DirectPut"
    assert destination["BufferingHints"]["IntervalInSeconds"] == 60
    assert destination["CompressionFormat"] == "UNCOMPRESSED"
    assert destination["ErrorOutputPrefix"].startswith("decision-errors/")
    assert destination["BucketARN"] == blueprint.arn("DataBucket")
    assert destination["RoleARN"] == blueprint.arn("DecisionStreamRole")


def test_the_tables_quoting_reads_what_the_codec_writes(table: dict[str, Any]) -> None:
    serde = table["StorageDescriptor"]["SerdeInfo"]
    selector = '#a\\:b[name="x,y"]\\'
    row = LogRow(timestamp="2026-11-22T10:15:00.000Z", route="classify", selector=selector)

    parameters = serde["Parameters"]
    text = encode([row])
    (cells,) = csv.reader(
        io.StringIO(text), delimiter=parameters["separatorChar"], quotechar=parameters["quoteChar"], escapechar=parameters["escapeChar"]
    )

    assert serde["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    assert cells[2] == selector


def test_the_saved_query_reads_existing_columns_and_partitions(blueprint: Blueprint, table: dict[str, Any]) -> None:
    (query,) = blueprint.of_type("AWS::Athena::NamedQuery").values()

    read = set(re.findall(r"\b[df]\.(\w+)", query["QueryString"]))

    assert f"FROM {table['Name']} f" in query["QueryString"]
    assert query["Database"] == blueprint.name("DecisionDatabase")
    assert read <= {*COLUMNS, *(key["Name"] for key in table["PartitionKeys"])}
