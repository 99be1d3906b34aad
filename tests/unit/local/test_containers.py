"""The local stack's container part, without an engine: what it refuses, and what it passes to Docker and SAM."""

import json
import socket
import stat
import time
from pathlib import Path

import pytest
from tests.support.server import Answer as Served
from tests.support.server import running_server

from local.aws.sessions import Connection, Credentials
from local.containers import docker
from local.containers.build import build, sam_environment
from local.containers.docker import PROCESSORS, Network, require_engine, require_image
from local.containers.emulator import Emulation, Emulator
from local.containers.functions import ContainerFunction
from local.containers.sam_template import write_sam_template
from local.containers.stack import ContainerStack, require_health
from local.refusal import Refusal
from local.stack import StackConfig
from local.state_folder import StateFolder
from local.template.blueprint import Blueprint
from local.template.function_plan import FunctionPlan

ROOT = Path(__file__).parents[3]
INVOCATIONS = "/2015-03-31/functions/TrainingFunction/invocations"
PARAMETERS = {"AuthIssuer": "https://issuer.example", "AuthAudience": "one,two"}


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return folder


def refusal_of(call: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as refused:
        call(*arguments)  # type: ignore[operator]
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_without_docker_the_message_says_what_to_install(bin: Path) -> None:
    assert "Docker is not installed" in refusal_of(require_engine)


def test_without_permission_the_message_says_which_group_to_join(bin: Path) -> None:
    program(bin / "docker", "echo 'Got permission denied while trying to connect to the Docker daemon socket' >&2; exit 1")

    assert "group `docker`" in refusal_of(require_engine)


def test_a_stopped_engine_is_distinguished_from_a_missing_one(bin: Path) -> None:
    program(bin / "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")

    assert "start it" in refusal_of(require_engine)


def test_an_engine_that_hangs_times_out(bin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "ENGINE_SECONDS", 0.2)
    program(bin / "docker", "exec /bin/sleep 20")

    assert "did not answer" in refusal_of(lambda: docker._docker("version", seconds=1))


def test_a_missing_base_image_that_can_not_be_pulled_is_named(bin: Path) -> None:
    program(bin / "docker", "echo 'manifest unknown' >&2; exit 1")

    said = refusal_of(require_image, "base:3.13", "x86_64")

    assert "base:3.13" in said
    assert "manifest unknown" in said


def test_a_base_image_that_is_here_is_not_pulled(bin: Path) -> None:
    program(bin / "docker", '[ "$1" = image ] && echo amd64')

    require_image("base:3.13", "x86_64")


def test_a_base_image_for_another_processor_is_pulled_for_this_one(bin: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program(bin / "docker", f"""if [ "$1" = image ]; then echo amd64; else echo "$@" >> {log}; fi""")

    require_image("base:3.13", "arm64")

    assert log.read_text() == "pull --platform linux/arm64 --quiet base:3.13\n"


def test_a_network_knows_its_gateway_and_is_removed_with_every_container_on_it(bin: Path, tmp_path: Path) -> None:
    config = json.dumps([{"IPAM": {"Config": [{"Gateway": "fd00::1"}, {"Gateway": "172.30.0.1"}]}}])
    log = tmp_path / "log"
    program(bin / "docker", f"""echo "$@" >> {log}; case "$1 $2" in "network inspect") echo '{config}';; "ps --all") echo one two;; esac""")

    network = Network("mine")
    log.unlink()
    network.remove()

    assert network.gateway == "172.30.0.1"
    assert log.read_text().splitlines()[1:] == ["rm --force one two", "network rm mine"]


def test_a_network_that_can_not_be_created_is_a_refusal(bin: Path) -> None:
    program(bin / "docker", 'echo "could not find an available address pool" >&2; [ "$2" != create ]')

    assert "address pool" in refusal_of(Network, "mine")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "sam-build.log"


def test_a_build_without_a_python_of_the_runtime_says_which_one(bin: Path, log: Path) -> None:
    program(bin / "docker", "exit 0")

    assert "python3.13 is not on the PATH" in refusal_of(build, ROOT, ROOT / "template.yaml", {}, log)


def test_missing_or_unknown_parameters_are_named_before_docker_is_called(bin: Path, tmp_path: Path, log: Path) -> None:
    wanting = tmp_path / "template.yaml"
    wanting.write_text(
        (ROOT / "template.yaml").read_text("utf-8").replace("\nParameters:\n", "\nParameters:\n  Wanted: { Type: String }\n")
    )

    assert "Wanted has no value" in refusal_of(build, tmp_path, wanting, {}, log)
    assert "no parameter TrainingPithon" in refusal_of(build, ROOT, ROOT / "template.yaml", {"TrainingPithon": "3.11"}, log)


def test_a_template_that_is_not_yaml_is_reported_in_one_line(tmp_path: Path, log: Path) -> None:
    wrong = tmp_path / "template.yaml"
    wrong.write_text("Resources:\n  A: [\n")

    assert "is not YAML" in refusal_of(build, tmp_path, wrong, {}, log)


def test_a_failed_build_shows_sams_last_line(bin: Path, tmp_path: Path, log: Path) -> None:
    program(bin / "docker", "exit 0")
    program(bin / "python3.13", "exit 0")
    program(tmp_path / ".venv-sam/bin/sam", "echo Build Failed; echo 'Error: no such wheel'; echo; exit 1")

    assert "Error: no such wheel" in refusal_of(build, tmp_path, ROOT / "template.yaml", {}, log)


def test_the_containers_of_a_failed_build_are_removed_and_no_others(bin: Path, tmp_path: Path, log: Path) -> None:
    asked, ended = tmp_path / "asked", tmp_path / "ended"
    program(bin / "docker", f"""echo "$@" >> {asked}; if [ "$1" = ps ]; then echo older; if [ -e {ended} ]; then echo ours; fi; fi""")
    program(bin / "python3.13", "exit 0")
    program(tmp_path / ".venv-sam/bin/sam", f": > {ended}; echo Build Failed; exit 1")

    refusal_of(build, tmp_path, ROOT / "template.yaml", {}, log)

    assert [line for line in asked.read_text().splitlines() if line.startswith("rm")] == ["rm --force ours"]


def test_a_build_passes_the_given_parameters_on(bin: Path, tmp_path: Path, log: Path) -> None:
    program(bin / "docker", "exit 0")
    program(tmp_path / "pyenv/versions/3.13.0/bin/python3.13", "exit 0")
    program(tmp_path / ".venv-sam/bin/sam", 'echo "$@"')

    built = build(tmp_path, ROOT / "template.yaml", {"TrainingPython": "3.11"}, log)

    assert built == tmp_path / ".aws-sam/build/template.yaml"
    assert "ParameterKey=TrainingPython,ParameterValue=3.11" in log.read_text()


@pytest.mark.parametrize(("parameters", "architecture"), [({}, "x86_64"), ({"Architecture": "arm64"}, "arm64")])
def test_a_build_looks_for_base_images_of_its_architecture(
    bin: Path, tmp_path: Path, log: Path, parameters: dict[str, str], architecture: str
) -> None:
    pulled = tmp_path / "pulled"
    program(bin / "docker", f"""[ "$1" != pull ] || echo "$@" >> {pulled}""")
    program(bin / "python3.13", "exit 0")
    program(tmp_path / ".venv-sam/bin/sam", "exit 0")

    build(tmp_path, ROOT / "template.yaml", parameters, log)

    images = [line.split()[-1] for line in pulled.read_text().splitlines()]
    assert images == ["public.ecr.aws/lambda/python:3.13", f"public.ecr.aws/lambda/python:3.13-{architecture}"]
    assert pulled.read_text().count(f"linux/{PROCESSORS[architecture]} ") == len(images)


def test_a_build_without_sam_says_how_to_install_it(bin: Path, tmp_path: Path, log: Path) -> None:
    program(bin / "docker", "exit 0")
    program(bin / "python3.13", "exit 0")

    assert "SAM is not installed" in refusal_of(build, tmp_path, ROOT / "template.yaml", {}, log)


def test_sam_sees_no_account_of_this_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("MODEL_STORE", "elsewhere")

    assert not {"AWS_ACCESS_KEY_ID", "MODEL_STORE"} & sam_environment().keys()


def test_a_busy_port_is_refused_before_docker_is_called(bin: Path, tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        config = StackConfig(ROOT / "template.yaml", StateFolder(tmp_path / "state"), busy.getsockname()[1])

        assert "can't be used" in refusal_of(ContainerStack, config)


def test_each_function_gets_its_own_session_and_only_emulated_resources_remain(tmp_path: Path) -> None:
    blueprint = Blueprint(ROOT / "template.yaml", PARAMETERS, "test")
    for logical_id in blueprint.of_type("AWS::SecretsManager::Secret"):
        blueprint.learn(logical_id, "arn:aws:secretsmanager:us-east-1:123456789012:secret:x")
    connections = {
        plan.role: Connection("http://10.0.0.1:1", "us-east-1", Credentials(plan.role, "s", "t")) for plan in blueprint.functions()
    }
    to = tmp_path / "sam-template.json"

    write_sam_template(ROOT / "template.yaml", blueprint, connections, to)

    written = json.loads(to.read_text())
    resources = written["Resources"]
    environments = {plan.role: resources[plan.logical_id]["Properties"]["Environment"]["Variables"] for plan in blueprint.functions()}
    assert {resource["Type"].rpartition("::")[2] for resource in resources.values()} == {"Function", "LayerVersion", "HttpApi"}
    assert all(environment["AWS_ACCESS_KEY_ID"] == role for role, environment in environments.items())
    assert {environment["AWS_ENDPOINT_URL"] for environment in environments.values()} == {"http://10.0.0.1:1"}
    assert written["Parameters"]["AuthAudience"]["Default"] == "one,two"
    assert resources["BackendFunction"]["Properties"]["CodeUri"] == str(ROOT / "functions/backend")
    assert stat.S_IMODE(to.stat().st_mode) == 0o600


@pytest.fixture
def plan() -> FunctionPlan:
    return next(plan for plan in Blueprint(ROOT / "template.yaml", PARAMETERS, "test").functions() if plan.logical_id == "TrainingFunction")


@pytest.mark.parametrize(
    ("body", "is_error"),
    [
        (b'{"step": 1}', False),
        (b"null", False),
        (b'{"errorType": "E", "errorMessage": "m", "requestId": "1", "stackTrace": []}', True),
        (b'{"errorType": "E", "errorMessage": "m", "mine": 1}', False),
    ],
)
def test_an_answer_is_an_error_by_its_keys(plan: FunctionPlan, body: bytes, is_error: bool) -> None:
    with running_server() as server:
        server.answers[INVOCATIONS] = Served(200, body)
        function = ContainerFunction(plan, server.url)
        answer = function.invoke(b"{}", plan.arn)
        function.stop()

    assert (answer.payload, answer.is_error) == (body, is_error)


@pytest.mark.parametrize(("status", "body"), [(200, b""), (500, b'{"Message": "broken"}')])
def test_a_function_that_does_not_answer_is_an_error_of_lambdas(plan: FunctionPlan, status: int, body: bytes) -> None:
    with running_server() as server:
        server.answers[INVOCATIONS] = Served(status, body)
        function = ContainerFunction(plan, server.url)
        answer = function.invoke(b"{}", plan.arn)
        function.stop()

    assert answer.is_error
    assert json.loads(answer.payload)["errorType"] == "Sandbox.Timedout"


def test_a_stopped_emulator_is_an_error_of_the_function(plan: FunctionPlan) -> None:
    function = ContainerFunction(plan, "http://127.0.0.1:9")

    assert json.loads(function.invoke(b"{}", plan.arn).payload)["errorType"] == "Sandbox.Stopped"
    function.stop()


@pytest.mark.parametrize("body", [b'{"errorMessage": "no module"}', b"<html>"])
def test_an_unhealthy_backend_is_a_refusal(body: bytes) -> None:
    with running_server() as server:
        server.answers["/health"] = Served(200, body)
        assert "sam-start-api.log" in refusal_of(require_health, server.url)


def emulation(tmp_path: Path) -> Emulation:
    network = Network.__new__(Network)
    network.name = "mine"
    return Emulation(tmp_path, tmp_path / "sam-template.json", network, tmp_path)


def test_an_emulator_that_ends_at_startup_shows_its_last_line(tmp_path: Path) -> None:
    program(tmp_path / ".venv-sam/bin/sam", "echo 'Error: no template'; exit 1")

    assert "Error: no template" in refusal_of(Emulator, "start-api", 9, emulation(tmp_path))


def test_an_emulator_is_stopped_as_by_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        on_interrupt = f"trap 'echo removed > {tmp_path}/done; exit 0' INT; touch {tmp_path}/ready"
        program(tmp_path / ".venv-sam/bin/sam", f"{on_interrupt}; while :; do sleep 0.1; done")
        emulator = Emulator("start-lambda", listening.getsockname()[1], emulation(tmp_path))
        while not (tmp_path / "ready").exists():
            time.sleep(0.05)

        emulator.stop()

    assert (tmp_path / "done").read_text() == "removed\n"
