"""The verbs of the local stack."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from local.console import err
from local.places import Places, find_running
from local.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]

PortNumber = Annotated[
    int, typer.Option("--port", envvar="PORT", min=0, max=65535, help="Where to listen on 127.0.0.1; 0 = any free port.")
]
Parameters = Annotated[list[str] | None, typer.Option(help="A parameter of the template, as Name=value; may be repeated.")]
StateFolder = Annotated[Path, typer.Option("--state", envvar="FIELDWISE_STATE", help="The folder that outlives the stack.")]
Subject = Annotated[str, typer.Option("--sub", envvar="SUB", help="The user.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Fieldwise on one machine.")


@app.command()
def run(port: PortNumber = 3000, state: StateFolder = ROOT / ".local", parameter: Parameters = None) -> None:
    """Start everything, and serve until Ctrl-C."""
    from local.run import run as run_stack  # the other verbs need none of what this imports
    from local.stack import StackConfig

    run_stack(StackConfig(ROOT / "template.yaml", Places(state.resolve()), port, _parameters(parameter)))


@app.command("sam-local")
def sam_local(port: PortNumber = 3000, state: StateFolder = ROOT / ".local", parameter: Parameters = None) -> None:
    """Start everything with the functions in containers, under SAM's emulators, and serve until Ctrl-C."""
    from local.containers.stack import ContainerStack
    from local.run import run as run_stack
    from local.stack import StackConfig

    run_stack(StackConfig(ROOT / "template.yaml", Places(state.resolve()), port, _parameters(parameter)), ContainerStack)


def _parameters(texts: list[str] | None) -> dict[str, str]:
    return dict(_parameter(text) for text in texts or ())


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise Refusal(f"{text!r} is no parameter: write Name=value")
    return name, value


@app.command()
def token(
    sub: Subject = "me",
    admin: Annotated[bool, typer.Option("--admin", envvar="ADMIN", help="With the scope for admin acts.")] = False,
    state: StateFolder = ROOT / ".local",
) -> None:
    """Print a token for the running stack."""
    typer.echo(_token(Places(state.resolve()), sub, admin))


def _token(places: Places, sub: str, admin: bool = False) -> str:
    from fieldwise_common.auth import ADMIN_SCOPE
    from local.issuer import open_issuer

    find_running(places)
    return open_issuer(places).token(sub, ADMIN_SCOPE if admin else "")


@app.command("try")
def try_command(sub: Subject = "me", state: StateFolder = ROOT / ".local") -> None:
    """Send the sample profile and forms through the running stack."""
    from local.tryout import try_out

    places = Places(state.resolve())
    try_out(find_running(places).api_url, _token(places, sub), ROOT / "examples")


@app.command()
def train(
    mode: Annotated[str, typer.Option(envvar="MODE", help="smoke-test, build-index, build-index-feedback or full-train.")] = "build-index",
    state: StateFolder = ROOT / ".local",
) -> None:
    """Start a training in the running stack, and watch it: exit code 1 when it failed, 3 when the gate rejected it."""
    from local.train import connect, train_and_show

    places = Places(state.resolve())
    running = find_running(places)
    raise typer.Exit(train_and_show(connect(running), running.state_machine_arn, mode, places.logs).exit_code)


def stay_at_home() -> None:
    """Forgets the AWS account and proxies this shell may know of: nothing here may reach beyond this machine by accident."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


def main() -> None:
    """Runs a verb; a refusal, and a command line that is none, is one line and exit code 2."""
    stay_at_home()
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except (Refusal, typer.TyperException) as error:
        what = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        err.print(f"[red]✗[/red] {escape(' '.join(what.split()))}")
        raise SystemExit(2) from None
    raise SystemExit(code)
