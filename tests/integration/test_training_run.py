"""Complete runs against S3: every mode and outcome with a tiny base model, and once the base model in the image."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from tests.support.feedback_log import SITE, form, said
from tests.support.server import Answer, running_server
from tests.support.tiny_training import tiny_data, tiny_model, unquantisable_model
from typer.testing import CliRunner, Result

from fieldwise_common.decision_log import encode
from fieldwise_common.store import layout
from fieldwise_common.store.model_store import ModelStore, open_store
from fieldwise_inference.serving.version import load_version
from fieldwise_training.cli import app
from fieldwise_training.steps.context import SHIPPED_DATA

STORE = "s3://fieldwise-data/models"
LOG = "s3://fieldwise-data/decisions/"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for key, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(key, value)
    for key in ("FEEDBACK_LOG", "BASE_MODEL", "MIN_ACCURACY", "LEX_THRESHOLD", "ML_SERVICE_RELOAD_URL"):
        monkeypatch.delenv(key, raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="fieldwise-data")
        yield client


def train(mode: str, data: Path, *more: object) -> Result:
    return CliRunner().invoke(app, ["--mode", mode, "--store", STORE, "--data", str(data), *map(str, more)])


def live() -> str:
    return open_store(STORE).published().pointer.version


def lexicon(store: ModelStore, version: str) -> dict[str, str]:
    exact: dict[str, str] = json.loads(store.objects.get(f"{version}/lexicon.json").body)["exact"]
    return exact


def test_a_version_is_built_promoted_corrected_by_feedback_and_rolled_back(s3: Any, base: Path, tmp_path: Path) -> None:
    data = tiny_data(tmp_path / "data")
    for number, user in enumerate("abc"):
        rows = form(number, user)
        body = encode([*rows, said(rows[0], "given-name")]).encode()
        s3.put_object(Bucket="fieldwise-data", Key=f"decisions/2026/11/22/10/part-{number}", Body=body)
    s3.put_object(Bucket="fieldwise-data", Key="decisions/by-hand", Body=b"query_key,matched_key,correct\nRufname,given-name,yes\n")

    first = train("build-index", data, "--base-model", base)
    before = live()
    second = train("build-index-feedback", data, "--base-model", base, "--feedback-log", LOG)
    after = live()

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + first.stderr + second.output + second.stderr
    assert before != after
    assert "exported" in first.output
    assert "reused from the parent" in second.output
    assert "3 votes read, 3 in all; 1 fields agreed on, 1 new; 0 rows quarantined" in " ".join(second.output.split())
    store = open_store(STORE)
    assert "rufname" not in lexicon(store, before)
    assert lexicon(store, after)["rufname"] == "given-name"
    manifest = store.manifest(after, store.published().pointer.manifest_sha256)
    feedback = manifest.metrics["feedback"]
    assert (feedback["mark"], feedback["confirmed"], feedback["answers"]) == ("2026/11/22/10/", 1, 1)
    assert (manifest.parent, store.published().pointer.previous) == (before, before)
    files = store.fetch(after, manifest.files, tmp_path / "cache")
    served = load_version(after, {name: path for name, path in files.items() if name in layout.SERVED})
    assert served.sites.of(SITE)["s0"].canonical == "given-name"

    rolled = CliRunner().invoke(app, ["rollback", before, "--store", STORE])

    assert (rolled.exit_code, live()) == (0, before)


def test_a_version_below_the_gate_is_rejected_with_3_and_the_pointer_stays(s3: Any, base: Path, tmp_path: Path) -> None:
    data = tiny_data(tmp_path / "data")
    train("build-index", data, "--base-model", base, "--ranker-members", "0")
    before = live()
    worse = tiny_data(tmp_path / "worse", {"given-name": ["Zzz"], "family-name": ["Yyy"], "email": ["Xxx"], "none:search": ["Www"]})

    result = train("build-index", worse, "--base-model", base, "--min-accuracy", "0.6", "--ranker-members", "0")

    assert result.exit_code == 3
    assert "rejected: top-1 accuracy" in result.output
    assert live() == before
    rejected = [v for v in open_store(STORE).versions() if v != before]
    assert [open_store(STORE).manifest(v).verdict.promote for v in rejected] == [False]


def test_a_run_that_fails_names_the_step_and_leaves_the_pointer(s3: Any, base: Path, tmp_path: Path) -> None:
    data = tiny_data(tmp_path / "data")
    train("build-index", data, "--base-model", base)
    before = live()

    result = train("build-index", data, "--base-model", tmp_path / "no-such-model")

    assert result.exit_code == 1
    assert result.stderr.startswith("encoder failed: SettingsError: BASE_MODEL: ")
    assert len(result.stderr.splitlines()) == 1
    assert live() == before


def test_full_train_says_what_became_of_fine_tuning_and_inference_is_notified(
    s3: Any, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server() as server:
        server.answers["/reload"] = Answer(500, {})
        monkeypatch.setenv("ML_SERVICE_RELOAD_URL", server.url)

        result = train("full-train", tiny_data(tmp_path / "data"), "--base-model", base)

        assert server.last("/reload").method == "POST"
    assert result.exit_code == 0, result.output + result.stderr
    assert "there are 0 pairs of texts, and at least 1000 are needed to fine-tune" in result.output
    assert "inference was not notified" in result.output


def test_a_smoke_test_with_the_shipped_base_model_and_data_passes_and_promotes_nothing(s3: Any) -> None:
    result = train("smoke-test", SHIPPED_DATA)

    assert result.exit_code == 0, result.output + result.stderr
    assert "smoke test passed" in result.output
    store = open_store(STORE)
    (version,) = store.versions()
    assert version.startswith("smoketest_")
    assert store.published_or_none() is None
    files = {name for name in store.manifest(version).files if not name.startswith(layout.BASE_MODEL)}
    assert files == {*layout.SERVED, *layout.DATA.values(), layout.CALIBRATION, layout.PREDICTIONS, layout.METRICS, layout.REPORT}
    encoder = store.manifest(version).metrics["encoder"]
    assert (encoder["precision"], encoder["fallback"]) == ("int8-weights", None)
    assert encoder["lowest_cosine"]["fp32"] >= 0.999
    assert encoder["lowest_cosine"]["int8-weights"] >= 0.998


def test_a_run_whose_quantised_encoder_is_unusable_notes_it_and_uses_the_exact_one(s3: Any, tmp_path: Path) -> None:
    base = unquantisable_model(tmp_path / "base")

    result = train("build-index", tiny_data(tmp_path / "data"), "--base-model", base, "--encoder", "transformer")

    assert result.exit_code == 0, result.output + result.stderr
    message = "on '.*', below 0.99; the exact encoder is used instead"
    assert re.search(message, result.output)
    assert "exported as fp32" in result.output
    store = open_store(STORE)
    manifest = store.manifest(live())
    assert manifest.metrics["encoder"]["precision"] == "fp32"
    assert re.search(message, manifest.metrics["encoder"]["fallback"])
    assert "the exact encoder is used instead" in store.objects.get(f"{live()}/report.html").body.decode()
    files = store.fetch(live(), manifest.files, tmp_path / "cache")
    version = load_version(live(), {name: path for name, path in files.items() if name in layout.SERVED})
    assert (version.encoder_precision, version.encoder_caveat) == ("fp32", manifest.metrics["encoder"]["fallback"])
