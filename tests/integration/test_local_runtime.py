"""Handlers under Lambda's own runtime client, each in its own process."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.aws.sessions import Connection, Credentials
from local.refusal import Refusal
from local.runtime import worker_process
from local.runtime.functions import RunningFunction, run_function
from local.runtime.registry import FunctionRegistry
from local.runtime.task_root import lay_out
from local.state_folder import StateFolder
from local.template.function_plan import FunctionPlan
from local.template.source import ImageSource, ZipSource

ARN = "arn:aws:lambda:us-east-1:123456789012:function:tiny"
HANDLER = """
import os, sys, time

COUNT = 0


def handler(event, context):
    global COUNT
    COUNT += 1
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "exit" in event:
        os._exit(event["exit"])
    if "big" in event:
        return "x" * event["big"]
    if "say" in event:
        print(event["say"], flush=True)
    return {
        "count": COUNT, "pid": os.getpid(), "environment": dict(os.environ), "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(), "path": sys.path, "request": context.aws_request_id,
    }
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "tiny.py").write_text(HANDLER)
    (tmp_path / "code" / "broken.py").write_text("import nothing_of_that_name")
    (tmp_path / "layer" / "python").mkdir(parents=True)
    return tmp_path / "code"


def function_of(code: Path, handler: str = "tiny.handler", most: int = 1, timeout: float = 2) -> RunningFunction:
    plan = FunctionPlan(
        logical_id="TinyFunction",
        name="tiny",
        arn=ARN,
        role="tiny-role",
        source=ZipSource(handler, code, (code.parent / "layer" / "python",)),
        timeout_seconds=timeout,
        memory_mb=128,
        environment={"OWN": "value"},
        aliases=frozenset({"live"}),
    )
    state = StateFolder(code.parent / "state")
    state.prepare()
    return run_function(plan, Connection("http://127.0.0.1:1", "us-east-1", Credentials("key", "secret", "session")), state, most)


@pytest.fixture
def function(code: Path) -> Iterator[RunningFunction]:
    running = function_of(code)
    yield running
    running.stop()


def call(function: RunningFunction, **event: object) -> dict[str, object]:
    answer: dict[str, object] = json.loads(function.invoke(json.dumps(event).encode(), ARN).payload)
    return answer


def test_a_process_is_reused_for_the_next_event(function: RunningFunction) -> None:
    first, second = call(function), call(function)

    assert (first["count"], second["count"]) == (1, 2)
    assert first["pid"] == second["pid"]
    assert first["request"] != second["request"]
    assert first["arn"] == ARN
    assert 0 < int(str(second["left"])) <= 2000


def test_a_handler_sees_the_templates_environment_and_lambdas_and_nothing_of_this_shell(
    function: RunningFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("SECRET_OF_THIS_SHELL", "x")

    environment = call(function)["environment"]

    assert isinstance(environment, dict)
    assert environment["OWN"] == "value"
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SESSION_TOKEN"]) == ("key", "session")
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert not {"AWS_PROFILE", "SECRET_OF_THIS_SHELL", "HOME", "VIRTUAL_ENV"} & set(environment)


def test_a_handler_can_import_its_folder_then_its_layers_and_no_other_source_folder(function: RunningFunction, code: Path) -> None:
    path = call(function)["path"]

    assert isinstance(path, list)
    assert path.index(str(code)) < path.index(str(code.parent / "layer" / "python"))
    assert not [entry for entry in path if "/functions/" in entry or entry.endswith("/infra")]


def test_a_process_that_exits_is_an_error_and_the_next_event_gets_a_new_one(function: RunningFunction) -> None:
    crashed = call(function, exit=3)

    assert crashed["errorType"] == "Runtime.ExitError"
    assert str(crashed["errorMessage"]).endswith("exit status 3")
    assert call(function)["count"] == 1


def test_a_handler_that_exceeds_the_templates_timeout_is_stopped(function: RunningFunction) -> None:
    pid = int(str(call(function)["pid"]))

    late = call(function, sleep=30)

    assert late["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 2.00 seconds" in str(late["errorMessage"])
    assert not is_alive(pid)
    assert call(function)["count"] == 1


def test_a_handler_that_can_not_be_imported_is_an_error_on_every_event(code: Path) -> None:
    function = function_of(code, "broken.handler")

    errors = [call(function)["errorType"], call(function)["errorType"]]
    function.stop()

    assert errors == ["Runtime.ImportModuleError"] * 2


def test_a_process_that_does_not_become_ready_times_out(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code / "slow.py").write_text("import time\ntime.sleep(60)")
    monkeypatch.setattr(worker_process, "INIT_SECONDS", 0.3)
    function = function_of(code, "slow.handler")

    error = call(function)
    function.stop()

    assert (error["errorType"], error["errorMessage"]) == ("Sandbox.Timedout", "tiny was not ready after 0 seconds")


def test_concurrent_events_get_a_process_each_up_to_the_limit(code: Path) -> None:
    function = function_of(code, most=2, timeout=10)

    with ThreadPoolExecutor(4) as pool:
        pids = [answer["pid"] for answer in pool.map(lambda _: call(function, sleep=0.4), range(4))]
    function.stop()

    assert len(set(pids)) == 2


def test_a_response_larger_than_lambda_allows_is_an_error(function: RunningFunction) -> None:
    assert call(function, big=6 * 1024 * 1024)["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_handlers_output_is_in_its_functions_log(function: RunningFunction, code: Path) -> None:
    call(function, say="hello from inside")

    assert "hello from inside" in (code.parent / "state" / "logs" / "tiny.log").read_text()


def test_stopping_ends_the_processes_and_their_invocations(code: Path) -> None:
    function = function_of(code, timeout=60)
    pid = int(str(call(function)["pid"]))

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(call, function, sleep=60)
        time.sleep(0.3)
        function.stop()
        ended = waiting.result(10)

    assert ended["errorType"] == "Runtime.ExitError"
    assert call(function)["errorType"] == "Sandbox.Stopped"
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("target", "qualified"), [("tiny", ARN), ("tiny:live", f"{ARN}:live"), (ARN, ARN), (f"{ARN}:live", f"{ARN}:live")])
def test_a_function_is_found_by_name_or_arn_with_or_without_its_alias(function: RunningFunction, target: str, qualified: str) -> None:
    registry = FunctionRegistry({"tiny": function})

    found = registry.find(target)

    assert found is not None
    assert found[0] == qualified
    assert not registry.call(target, {}).is_error


@pytest.mark.parametrize(
    "target", ["", "other", "tiny:other", "arn:aws:lambda", f"{ARN}:other", "arn:aws:lambda:us-east-1:1:function:other"]
)
def test_an_unknown_target_is_not_found(function: RunningFunction, target: str) -> None:
    registry = FunctionRegistry({"tiny": function})

    assert registry.find(target) is None
    with pytest.raises(KeyError):
        registry.call(target, {})


DOCKERFILE = """
FROM public.ecr.aws/lambda/python:3.13
COPY requirements.txt /tmp/
COPY --chown=1000 shared/ ${LAMBDA_TASK_ROOT}/
COPY one.py two.py $LAMBDA_TASK_ROOT/
COPY data ${LAMBDA_TASK_ROOT}/data
COPY more-data ${LAMBDA_TASK_ROOT}/data
COPY one.py ${LAMBDA_TASK_ROOT}/renamed.py
COPY --from=build /out ${LAMBDA_TASK_ROOT}/built
CMD ["one.handler"]
"""


def image(context: Path, dockerfile: str = DOCKERFILE, command: str = "") -> ImageSource:
    for name in ("requirements.txt", "shared/package/a.py", "one.py", "two.py", "data/x", "more-data/y", "secret.txt"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(name)
    (context / "Dockerfile").write_text(dockerfile)
    return ImageSource(context / "Dockerfile", context, command)


def test_an_images_code_is_what_its_dockerfile_copies(tmp_path: Path) -> None:
    task = lay_out(image(tmp_path / "context"), tmp_path / "task")

    files = {path.relative_to(task.folder).as_posix() for path in task.folder.rglob("*") if path.is_file()}
    assert files >= {"one.py", "two.py", "renamed.py", "data/x"}
    assert (task.folder / "package" / "a.py").read_text() == "shared/package/a.py"
    assert not {"secret.txt", "requirements.txt", "built"} & {path.name for path in task.folder.rglob("*")}
    assert (task.handler, task.path) == ("one.handler", (task.folder,))


def test_laying_out_again_removes_what_is_no_longer_copied_and_deletes_no_source(tmp_path: Path) -> None:
    lay_out(image(tmp_path / "context"), tmp_path / "task")

    task = lay_out(image(tmp_path / "context", 'COPY two.py ${LAMBDA_TASK_ROOT}/\nCMD ["two.handler"]'), tmp_path / "task")

    assert [path.name for path in task.folder.iterdir()] == ["two.py"]
    assert (tmp_path / "context" / "shared" / "package" / "a.py").is_file()


def test_the_templates_command_overrides_the_dockerfiles(tmp_path: Path) -> None:
    assert lay_out(image(tmp_path / "context", command="two.handler"), tmp_path / "task").handler == "two.handler"


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [('COPY nowhere ${LAMBDA_TASK_ROOT}/\nCMD ["x.y"]', "copies nowhere, which doesn't exist"), ("FROM x", "has no CMD")],
)
def test_an_unsupported_dockerfile_is_refused(tmp_path: Path, dockerfile: str, message: str) -> None:
    with pytest.raises(Refusal, match=message):
        lay_out(image(tmp_path / "context", dockerfile), tmp_path / "task")


def test_a_missing_dockerfile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="can't be read"):
        lay_out(ImageSource(tmp_path / "Dockerfile", tmp_path, ""), tmp_path / "task")
