"""Stored data survives a restart of the stack."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from tests.support.local_world import tiny_config

from local.refusal import Refusal
from local.stack import Stack
from local.state_folder import StateFolder, find_running


def act(stack: Stack, name: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {stack.issuer.token('ada')}"}
    return httpx.post(f"{stack.url}/do", json={"act": name, **more}, headers=headers, timeout=30)


def saved(root: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in (root / "state" / "data").glob(pattern))


def test_objects_items_records_and_the_secret_survive_a_restart(tmp_path: Path) -> None:
    first = Stack(tiny_config(tmp_path))
    act(first, "put_object", key="mine/folder/a")
    act(first, "put_object", key="mine/gone")
    act(first, "delete_object", key="mine/gone")
    act(first, "put_item", owner="ada")
    act(first, "put_item", owner="gone")
    act(first, "delete_item", owner="gone")
    act(first, "record")
    secret = act(first, "secret").json()
    token = first.issuer.token("ada")
    first.stop()

    second = Stack(tiny_config(tmp_path))
    found = act(second, "get_object", key="mine/folder/a").json()
    missing = act(second, "get_object", key="mine/gone")
    item, other = (act(second, "get_item", owner=owner).json() for owner in ("ada", "gone"))
    same_secret = act(second, "secret").json()
    old_token = httpx.get(f"{second.url}/echo", headers={"Authorization": f"Bearer {token}"})
    listed = second.admin.client("s3").list_objects_v2(Bucket="fieldwise-local-data-bucket", Prefix="decisions/")["KeyCount"]
    second.stop()

    assert found == "kept"
    assert missing.status_code == 502
    assert (item, other) == ({"owner": {"S": "ada"}}, None)
    assert same_secret == secret
    assert old_token.status_code == 200
    assert listed == 1


def test_an_item_that_has_expired_is_not_put_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "data" / "dynamodb" / "fieldwise-local-profiles-table.json"
    path.parent.mkdir(parents=True)
    items = [{"owner": {"S": owner}, "expires": {"N": str(at)}} for owner, at in (("past", 1_700_000_000), ("future", 9_000_000_000))]
    path.write_text(json.dumps(items))

    stack = Stack(tiny_config(tmp_path))
    past, future = (act(stack, "get_item", owner=owner).json() for owner in ("past", "future"))
    stack.stop()

    assert (past, future) == (None, items[1])


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("update_time_to_live", {"TimeToLiveSpecification": {"Enabled": False, "AttributeName": "expires"}}),
        ("put_item", {"Item": {"name": {"S": "no key"}}}),
        ("put_item", {"Item": {"owner": {"S": ""}}}),
    ],
)
def test_a_request_that_writes_no_item_is_answered_as_ever(tmp_path: Path, operation: str, request_: dict[str, Any]) -> None:
    stack = Stack(tiny_config(tmp_path))
    client = stack.admin.client("dynamodb")
    try:
        answered = getattr(client, operation)(TableName="fieldwise-local-profiles-table", **request_)
    except ClientError as error:
        answered = error.response
    stack.stop()

    assert answered["ResponseMetadata"]["HTTPStatusCode"] in {200, 400}
    assert saved(tmp_path, "dynamodb/*/*.json") == []


def test_a_write_is_on_disk_before_its_response_is_sent(tmp_path: Path) -> None:
    stack = Stack(tiny_config(tmp_path))

    act(stack, "put_object", key="mine/a")
    on_disk = saved(tmp_path, "s3/*/mine/*")
    stack.stop()

    assert on_disk == ["a"]


def test_leftovers_of_an_interrupted_write_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "data" / "s3" / "fieldwise-local-data-bucket" / "mine"
    folder.mkdir(parents=True)
    (folder / ".a.partial").write_bytes(b"ha")

    stack = Stack(tiny_config(tmp_path))
    found = act(stack, "get_object", key="mine/a")
    stack.stop()

    assert found.status_code == 502
    assert saved(tmp_path, "s3/*/mine/.*") == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data/secrets.json", "{"),
        ("data/secrets.json", "[]"),
        ("data/dynamodb/fieldwise-local-profiles-table.json", '[{"owner":'),
        ("data/dynamodb/fieldwise-local-profiles-table.json", '[{"no": "owner"}]'),
        ("issuer.pem", "no key"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_delete(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / "state" / name
    path.parent.mkdir(parents=True)
    path.write_text(content)

    with pytest.raises(Refusal) as refused:
        Stack(tiny_config(tmp_path))

    assert f"delete {path} " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_with_the_folders_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")

    with pytest.raises(Refusal, match="choose another folder with FIELDWISE_STATE"):
        Stack(tiny_config(tmp_path))


def test_two_stacks_can_not_share_a_folder(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    config.state.prepare()

    with config.state.held(), pytest.raises(Refusal, match="already running from"):
        Stack(config)


def test_a_busy_port_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    stack = Stack(config)
    port = int(stack.url.rpartition(":")[2])

    with pytest.raises(Refusal, match=f"port {port} can't be used"):
        Stack(type(config)(config.template, StateFolder(tmp_path / "other"), port))
    stack.stop()

    assert not (tmp_path / "other").exists()


def test_a_running_stack_is_found_by_its_folder_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    config = tiny_config(tmp_path)
    stack = Stack(config)

    running = find_running(config.state)
    private = (config.state.running.stat().st_mode & 0o077, config.state.issuer_key.stat().st_mode & 0o077)
    stack.stop()

    assert running == stack.running
    assert private == (0, 0)
    with pytest.raises(Refusal, match="no stack is running"):
        find_running(config.state)
