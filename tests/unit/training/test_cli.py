import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.tiny_training import tiny_data
from tests.support.tiny_version import folder_store, publish
from typer.testing import CliRunner, Result

from fieldwise_common.canonical import catalogue
from fieldwise_training.cli import app


@pytest.fixture(autouse=True)
def no_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("MODEL_STORE", "FEEDBACK_LOG", "BASE_MODEL", "MIN_ACCURACY", "LEX_THRESHOLD", "ML_SERVICE_RELOAD_URL"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


def in_a_process(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, with its output going into a pipe."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "COLUMNS"}
    ours = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "AWS_CONFIG_FILE": os.devnull}
    command = [sys.executable, "-m", "fieldwise_training", *arguments]
    return subprocess.run(command, env=outside | ours | environment, capture_output=True, text=True, check=False)


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_run_without_a_store_names_the_setting() -> None:
    result = command("--mode", "build-index")

    assert (result.exit_code, result.stderr) == (1, "bad settings: MODEL_STORE: Field required\n")


def test_a_command_without_a_mode_lists_the_modes() -> None:
    result = command("--store", "somewhere")

    assert result.exit_code == 2
    assert "smoke-test" in result.stderr


def test_a_parameter_out_of_range_is_named(tmp_path: Path) -> None:
    result = command("--mode", "build-index", "--store", tmp_path, "--min-accuracy", "1.5")

    assert result.exit_code == 1
    assert result.stderr.startswith("bad input of the run: parameters.min_accuracy: ")


def test_a_step_that_fails_is_named_with_its_cause_in_one_line_and_the_pointer_stays(tmp_path: Path) -> None:
    live = publish(folder_store(tmp_path / "store"), tmp_path)
    data = tiny_data(tmp_path / "data", {"email": []})

    result = command("--mode", "build-index", "--store", tmp_path / "store", "--data", data)

    assert result.exit_code == 1
    assert result.stderr == "validate failed: DataError: en.json, email: the list of synonyms is empty\n"
    assert live in (tmp_path / "store" / "latest").read_text()


def test_a_store_that_can_not_be_written_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    result = command("--mode", "build-index", "--store", tmp_path / "file", "--data", tiny_data(tmp_path / "data"))

    assert result.exit_code == 1
    assert " failed: NotADirectoryError: " in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_report_is_written_to_a_file_and_its_verdict_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = publish(folder_store(tmp_path / "store"), tmp_path, instead={"report.html": b"<!doctype html>"})
    monkeypatch.chdir(tmp_path)

    result = command("report", "--store", tmp_path / "store")

    assert (result.exit_code, result.stdout) == (0, f"{name} (good enough, live): a test's version\n{name}.html\n")
    assert (tmp_path / f"{name}.html").read_text() == "<!doctype html>"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "'nonsense' is not a version's name"),
        (["--out", "no/such/folder.html"], "no/such/folder.html can't be written: No such file or directory"),
    ],
)
def test_a_report_that_can_not_be_read_or_written_is_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    publish(folder_store(tmp_path / "store"), tmp_path, instead={"report.html": b"<!doctype html>"})

    result = command("report", *arguments, "--store", tmp_path / "store")

    assert (result.exit_code, result.stderr) == (1, f"{message}\n")


def test_versions_are_listed_with_the_live_one_and_unsealed_ones_marked(tmp_path: Path) -> None:
    objects = folder_store(tmp_path / "store")
    live = publish(objects, tmp_path)
    objects.put("embeddings_v20200101T000000Z-000000/meta.json", b"{}")

    result = command("versions", "--store", tmp_path / "store")

    rows = {line.split("│")[2].strip(): line for line in result.output.splitlines() if "embeddings_v" in line.partition("(")[0]}
    assert "live" in rows[live]
    assert "a test's version" in rows[live]
    assert "never sealed" in result.output


def test_an_empty_store_has_no_versions(tmp_path: Path) -> None:
    assert command("versions", "--store", tmp_path).exit_code == 0


@pytest.mark.parametrize("verb", [["versions"], ["show", "v"], ["rollback", "v"]], ids=lambda verb: verb[0])
def test_a_missing_folder_is_not_an_empty_store(tmp_path: Path, verb: list[str]) -> None:
    result = command(*verb, "--store", tmp_path / "nowhere")

    assert (result.exit_code, result.stderr) == (1, f"{tmp_path / 'nowhere'}: no such folder\n")


def test_a_table_in_a_pipe_is_not_truncated(tmp_path: Path) -> None:
    version = publish(folder_store(tmp_path / "store"), tmp_path)

    done = in_a_process("versions", "--store", str(tmp_path / "store"))

    (row,) = [line for line in done.stdout.splitlines() if version in line]
    assert "a test's version" in row


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"AWS_PROFILE": "nope"}, "The config profile (nope) could not be found"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "s3://bucket/models: Invalid endpoint: nonsense"),
    ],
    ids=["profile", "endpoint"],
)
def test_an_aws_configuration_that_can_not_be_used_is_reported_in_one_line(environment: dict[str, str], message: str) -> None:
    done = in_a_process("versions", "--store", "s3://bucket/models", **environment)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{message}\n")


def test_a_version_is_shown_by_its_manifest(tmp_path: Path) -> None:
    version = publish(folder_store(tmp_path / "store"), tmp_path)

    shown = command("show", version, "--store", tmp_path / "store")

    assert '"encoder.onnx"' in shown.output
    assert command("show", "nonsense", "--store", tmp_path / "store").stderr == "'nonsense' is not a version's name\n"


def test_rolling_back_prints_what_is_live_now(tmp_path: Path) -> None:
    objects = folder_store(tmp_path / "store")
    first, second = publish(objects, tmp_path, "first"), publish(objects, tmp_path, "second")

    result = command("rollback", first, "--store", tmp_path / "store")

    assert result.output == f"{first} is live; before it: {second}; inference loads it at its next poll\n"
    assert first in (tmp_path / "store" / "latest").read_text()


def test_a_corrupt_pointer_prevents_a_rollback_and_a_missing_one_does_not(tmp_path: Path) -> None:
    version = publish(folder_store(tmp_path / "store"), tmp_path)
    pointer = tmp_path / "store" / "latest"
    pointer.write_text("{broken")

    broken = [command(*verb, "--store", tmp_path / "store") for verb in (["versions"], ["rollback", version])]
    pointer.unlink()
    gone = command("rollback", version, "--store", tmp_path / "store")

    assert [(result.exit_code, result.stderr) for result in broken] == [(1, "the pointer can't be parsed\n")] * 2
    assert gone.output == f"{version} is live; before it: none; inference loads it at its next poll\n"


def test_the_store_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_STORE", "gopher://nowhere")

    result = command("versions")

    assert (result.exit_code, result.stderr) == (1, "gopher://nowhere is neither s3://bucket/prefix nor a folder\n")


def test_the_corpus_is_counted(tmp_path: Path) -> None:
    result = command("corpus", "--data", tiny_data(tmp_path / "data"))

    assert result.exit_code == 0
    assert "3 forms" in result.stdout
    assert "given-name" in result.stdout


def test_every_canonical_id_is_listed_with_what_is_known_of_it(tmp_path: Path) -> None:
    result = command("ids", "--data", tiny_data(tmp_path / "data"))

    assert result.exit_code == 0
    rows = {
        cells[0]: cells[1:] for line in result.stdout.splitlines() if len(cells := [cell.strip() for cell in line.split("│")[1:-1]]) == 7
    }
    assert rows.keys() == catalogue().keys()
    assert rows["bday-month"][:3] == ["date-part", "bday", "token"]
    assert int(rows["given-name"][-2]) > 0
