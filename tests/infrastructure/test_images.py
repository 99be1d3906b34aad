"""The text of the Dockerfiles; `make e2e-sam` builds and starts the images."""

import re

import pytest
from tests.infrastructure.conftest import ROOT

from local.containers.docker import LABEL
from local.template.load import load

IMAGES = {"InferenceFunction": "inference", "TrainingFunction": "training"}


def instructions(name: str) -> list[tuple[str, str]]:
    text = (ROOT / f"functions/{name}/Dockerfile").read_text().replace("\\\n", " ")
    return re.findall(r"^([A-Z]+)\s+(.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("logical_id", IMAGES)
def test_every_build_argument_of_the_template_is_one_of_the_dockerfile_and_a_parameter(logical_id: str) -> None:
    template = load(ROOT / "template.yaml")
    given = template["Resources"][logical_id]["Metadata"]["DockerBuildArgs"]

    known = {argument.partition("=")[0] for word, argument in instructions(IMAGES[logical_id]) if word == "ARG"}

    assert set(given) == {"PYTHON_VERSION", "PIP_INDEX_URL"}
    assert set(given) <= known
    assert all(value["Ref"] in template["Parameters"] for value in given.values())


@pytest.mark.parametrize("name", IMAGES.values())
def test_what_an_interrupted_build_leaves_behind_has_a_label(name: str) -> None:
    steps = instructions(name)

    before_the_first_run = steps[: next(number for number, (word, _) in enumerate(steps) if word == "RUN")]

    assert ("LABEL", f"{LABEL}={name}") in before_the_first_run


@pytest.mark.parametrize("name", IMAGES.values())
def test_code_is_copied_after_packages_are_installed(name: str) -> None:
    steps = instructions(name)

    installed = max(number for number, (word, argument) in enumerate(steps) if word == "RUN" and "pip install" in argument)
    copied = [number for number, (word, argument) in enumerate(steps) if word == "COPY" and "LAMBDA_TASK_ROOT" in argument]

    assert min(copied) > installed


@pytest.mark.parametrize("name", IMAGES.values())
def test_the_images_keep_no_caches_of_the_build(name: str) -> None:
    installs = [argument for word, argument in instructions(name) if word == "RUN" and "pip install" in argument]

    assert all("~/.cache" in run.rpartition("rm -rf")[2] for run in installs)
    assert all(run.count("pip install") == run.count("--no-cache-dir") for run in installs)


@pytest.mark.parametrize("name", IMAGES.values())
def test_the_image_starts_the_handler_and_any_user_can_read_it(name: str) -> None:
    steps = instructions(name)
    words = {word for word, _ in steps}

    assert words <= {"ARG", "FROM", "LABEL", "COPY", "RUN", "ENV", "CMD"}
    assert steps[-1] == ("CMD", f'["fieldwise_{name}.handler.lambda_handler"]')
    assert "compileall" in steps[-2][1]
    assert "chmod -R a+rX" in steps[-2][1]
