"""`sam build`: builds every function and the layer, after checking for whatever would make that fail."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.containers.docker import remove_containers, require_engine, require_image, unfinished_builds
from local.refusal import Refusal
from local.template.load import Template, load, resources_of
from local.template.resolve import Resolver
from local.template.translate import REGION, parameter_values

BASE = "public.ecr.aws/lambda/python"
X86_64 = "x86_64"
"""Lambda's default."""
UNUSED = {"AuthIssuer": "http://unused.invalid", "AuthAudience": "unused"}
"""Values for parameters that the template requires and `sam build` does not use."""


def sam_environment() -> dict[str, str]:
    """The environment to run SAM with: where programs and the engine are, and no more.

    SAM prefers a variable of its own environment to the template's.
    """
    kept = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "LANG", "TMPDIR")
    ours = {name: value for name in kept if (value := os.environ.get(name)) is not None}
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {**ours, **pip, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0"}


def build(root: Path, template: Path, parameters: Mapping[str, str], log: Path) -> Path:
    """Builds what `template` describes; returns the built template. SAM's output goes to `log`.

    Raises Refusal when the engine, a base image or a Python is missing, or the build fails.
    """
    loaded = load(template)
    given = {**UNUSED, **parameters}
    values = parameter_values(loaded, given)
    require_engine()
    for image, architecture in sorted(set(_base_images(loaded, values))):
        require_image(image, architecture)
    environment = sam_environment()
    for _, function in _zipped(loaded):
        environment["PATH"] = _with_python(function["Properties"]["Runtime"], environment["PATH"])
    folder = root / ".aws-sam" / "build"
    overrides = [f"ParameterKey={name},ParameterValue={value}" for name, value in given.items() if value]
    command = [str(sam(root)), "build", "--template", str(template), "--build-dir", str(folder), "--parameter-overrides", *overrides]
    before = unfinished_builds()
    try:
        with log.open("wb") as file:
            done = subprocess.run(command, cwd=root, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False)  # noqa: S603 the SAM we installed
    finally:  # SAM leaves behind the containers of a step that failed or was interrupted
        remove_containers(unfinished_builds() - before)
    if done.returncode != 0:
        raise Refusal(f"sam build failed ({last_line(log)}): see {log}")
    return folder / "template.yaml"


def sam(root: Path) -> Path:
    """SAM's command line. Raises Refusal when it is not installed."""
    found = root / ".venv-sam" / "bin" / "sam"
    if not found.exists():
        raise Refusal("SAM is not installed here: run `make .venv-sam/.installed`")
    return found


def last_line(log: Path) -> str:
    """The last line of a log that is not empty."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no output"


def _zipped(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    found = resources_of(template, "AWS::Serverless::Function")
    return ((name, resource) for name, resource in found if resource["Properties"].get("PackageType") != "Image")


def _base_images(template: Template, values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The images that functions are built from, or that zip functions run in, each with its architecture."""
    resolve = Resolver(values, {}, template).resolve
    for _, resource in resources_of(template, "AWS::Serverless::Function"):
        properties = {**template.get("Globals", {}).get("Function", {}), **resource["Properties"]}
        architecture = (resolve(properties.get("Architectures")) or [X86_64])[0]
        if properties.get("PackageType") == "Image":
            version = resolve(resource.get("Metadata", {}).get("DockerBuildArgs", {}).get("PYTHON_VERSION", ""))
            if version:  # else the Dockerfile's own default, which only the Dockerfile knows
                yield f"{BASE}:{version}", architecture
        else:
            yield f"{BASE}:{str(properties['Runtime']).removeprefix('python')}-{architecture}", architecture


def _with_python(runtime: str, path: str) -> str:
    """`path`, extended so that `runtime`, such as `python3.13`, is found: pip chooses a zip function's packages by its own version.

    Raises Refusal when there is none.
    """
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(versions.glob(f"{re.sub('[^0-9.]', '', runtime)}.*/bin"))
    for candidate in (path, *(f"{folder}:{path}" for folder in installed)):
        python = shutil.which(runtime, path=candidate)
        if python and subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0:  # noqa: S603 a Python of this machine
            return candidate
    raise Refusal(
        f"{runtime} is not on the PATH, and `sam build` needs it for the zip functions: install it, or run `sam build --use-container`"
    )
