"""The commands of the local stack."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from local.console import err
from local.refusal import Refusal
from local.state_folder import StateFolder, find_running

ROOT = Path(__file__).resolve().parents[2]

PortNumber = Annotated[
    int, typer.Option("--port", envvar="PORT", min=0, max=65535, help="The port to listen on, on 127.0.0.1; 0 = any free one.")
]
Parameters = Annotated[list[str] | None, typer.Option(help="A parameter of the template, as Name=value; may be repeated.")]
StateOption = Annotated[Path, typer.Option("--state", envvar="FIELDWISE_STATE", help="The folder for data, logs and keys.")]
Subject = Annotated[str, typer.Option("--sub", envvar="SUB", help="The user.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Fieldwise on one machine.")


@app.command()
def run(port: PortNumber = 3000, state: StateOption = ROOT / ".local", parameter: Parameters = None) -> None:
    """Start everything, and serve until Ctrl-C."""
    from local.run import run as run_stack  # imported here: the other commands need none of it
    from local.stack import StackConfig

    run_stack(StackConfig(ROOT / "template.yaml", StateFolder(state.resolve()), port, _parameters(parameter)))


@app.command("sam-local")
def sam_local(port: PortNumber = 3000, state: StateOption = ROOT / ".local", parameter: Parameters = None) -> None:
    """Start everything with the functions in containers, run by SAM's emulators, and serve until Ctrl-C."""
    from local.containers.stack import ContainerStack
    from local.run import run as run_stack
    from local.stack import StackConfig

    run_stack(StackConfig(ROOT / "template.yaml", StateFolder(state.resolve()), port, _parameters(parameter)), ContainerStack)


def _parameters(texts: list[str] | None) -> dict[str, str]:
    return dict(_parameter(text) for text in texts or ())


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise Refusal(f"{text!r} is not a parameter: write Name=value")
    return name, value


@app.command()
def token(
    sub: Subject = "me",
    admin: Annotated[bool, typer.Option("--admin", envvar="ADMIN", help="Include the administrator's scope.")] = False,
    state: StateOption = ROOT / ".local",
) -> None:
    """Print a token for the running stack."""
    typer.echo(_token(StateFolder(state.resolve()), sub, admin))


def _token(state: StateFolder, sub: str, admin: bool = False) -> str:
    from fieldwise_common.auth import ADMIN_SCOPE
    from local.issuer import open_issuer

    find_running(state)
    return open_issuer(state).token(sub, ADMIN_SCOPE if admin else "")


@app.command("try")
def try_command(sub: Subject = "me", state: StateOption = ROOT / ".local") -> None:
    """Send the sample profile and forms through the running stack."""
    from local.demo import run_demo

    folder = StateFolder(state.resolve())
    run_demo(find_running(folder).api_url, _token(folder, sub), ROOT / "examples")


@app.command()
def learn(state: StateOption = ROOT / ".local") -> None:
    """Show the whole story of a correction in the running stack: for its user, for strangers, after a training, rolled back."""
    from local.learn import run_story

    folder = StateFolder(state.resolve())
    run_story(find_running(folder), lambda user: _token(folder, user), folder, ROOT / "examples" / "learn.json")


@app.command()
def train(
    mode: Annotated[str, typer.Option(envvar="MODE", help="The training's mode; `make help` lists them.")] = "build-index",
    state: StateOption = ROOT / ".local",
) -> None:
    """Start a training in the running stack and watch it. Exit code 1: a step failed; 3: the gate rejected the version; 4: superseded."""
    from local.train import connect, train_and_show

    folder = StateFolder(state.resolve())
    running = find_running(folder)
    raise typer.Exit(train_and_show(connect(running), running.state_machine_arn, mode, folder.logs).exit_code)


FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""Everything but the state folder is for an operator's command of the same name, `--help` too."""


def _operate(command: typer.Context, state: Path) -> int:
    from local.operate import operate

    return operate(find_running(StateFolder(state.resolve())), "fieldwise_training", [str(command.info_name), *command.args])


@app.command(context_settings=FORWARDED)
def shadow(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """Put a version of the running stack into shadow, end the shadow, or show it: the options of `fieldwise_training shadow`."""
    from local.operate import reload

    code = _operate(command, state)
    if code == 0:
        reload(find_running(StateFolder(state.resolve())))
    raise typer.Exit(code)


@app.command(context_settings=FORWARDED)
def replay(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """Make the logged decisions of the running stack again with a version: the options of `tools.replay`."""
    from local.operate import operate

    raise typer.Exit(operate(find_running(StateFolder(state.resolve())), "tools.replay", command.args))


@app.command(context_settings=FORWARDED)
def why(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """Explain a logged decision of the running stack: the options of `tools.why`."""
    from local.operate import operate

    raise typer.Exit(operate(find_running(StateFolder(state.resolve())), "tools.why", command.args))


@app.command()
def report(
    version: Annotated[str | None, typer.Argument(help="The version; by default the newest.")] = None,
    is_opened: Annotated[bool, typer.Option("--open/--no-open", help="Open it in a browser, if there is a display.")] = True,
    state: StateOption = ROOT / ".local",
) -> None:
    """Fetch the report of a version from the running stack, or from what it has saved, and open it in a browser."""
    from local.report import show_report

    show_report(StateFolder(state.resolve()), version, is_opened)


@app.command(context_settings=FORWARDED)
def versions(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """List the running stack's versions: the live one, scores, parents, ages, sizes."""
    raise typer.Exit(_operate(command, state))


@app.command(context_settings=FORWARDED)
def history(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """List every move of the pointer: when, by whom, from which version to which, and why."""
    raise typer.Exit(_operate(command, state))


@app.command(context_settings=FORWARDED)
def rollback(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """Make another version live, by default the one before; inference answers with it at once."""
    raise typer.Exit(_operate(command, state))


@app.command(context_settings=FORWARDED)
def prune(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """Delete old versions, never the live one or the one before it."""
    raise typer.Exit(_operate(command, state))


@app.command(context_settings=FORWARDED)
def failures(command: typer.Context, state: StateOption = ROOT / ".local") -> None:
    """List the trainings that failed: when, in which step, and why."""
    raise typer.Exit(_operate(command, state))


def isolate() -> None:
    """Removes this shell's AWS settings, and bypasses its proxies: no request may leave this machine by accident."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


def main() -> None:
    """Runs a command. A Refusal or a malformed command line is one line on stderr, and exit code 2."""
    isolate()
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except (Refusal, typer.TyperException) as error:
        what = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        err.print(f"[red]✗[/red] {escape(' '.join(what.split()))}")
        raise SystemExit(2) from None
    raise SystemExit(code)
