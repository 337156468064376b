"""The command line of sanso (三層). It only gathers the rooms' commands and turns failures into sentences."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Protocol, cast

import typer
from typer.exceptions import TyperException

from deploy.cli import app as deploy_app
from deploy.target import Target, lab_target, state_directory
from inventory import console
from inventory.cli import app as inventory_app
from inventory.errors import EXIT_CANNOT_RUN, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SansoError
from inventory.text import Text
from monitoring.cli import app as monitoring_app
from network.cli import app as network_app
from runbooks.cli import app as runbooks_app

EVERYWHERE = """Everywhere: --lang en|ja chooses the language (default: the locale's); --lab aims a command at the
running lab instead of the real city, from inside the lab's own network."""

app = typer.Typer(
    name="sanso",
    help="三層: infrastructure as code for a municipality's three-segment network.",
    epilog=EVERYWHERE,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for room in (inventory_app, network_app, deploy_app, monitoring_app, runbooks_app):
    app.add_typer(room)


class _Shown(Protocol):
    """What every usage error of the command line can do; typer keeps the class to itself."""

    def show(self) -> None: ...


LANGUAGES = ("en", "ja")


def everywhere(arguments: Sequence[str]) -> tuple[list[str], str | None, bool]:
    """Take `--lang X` and `--lab` out of the arguments, wherever they stand before a bare `--`."""
    rest: list[str] = []
    language: str | None = None
    lab = False
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest.extend([word, *words])
        elif word == "--lab":
            lab = True
        elif word == "--lang" or word.startswith("--lang="):
            language = word.partition("=")[2] or next(words, "")
            if language not in LANGUAGES:
                msg = f"--lang takes en or ja, not {language!r}"
                raise typer.BadParameter(msg)
        else:
            rest.append(word)
    return rest, language, lab


def at_the_lab() -> Target:
    """Stand at the running lab's operator station: from here only the lab is reached."""
    from network.lab import Lab  # noqa: PLC0415 only a lab command pays for the lab

    state = state_directory()
    lab = Lab.get(state)
    lab.enter_operator()
    return lab_target(lab, state)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        rest, language, lab = everywhere(arguments)
        console.speak(language)
        result = app(args=rest, prog_name="sanso", standalone_mode=False, obj=at_the_lab() if lab else None)
    except BrokenPipeError:
        return EXIT_OK
    except (TyperException, typer.Exit, typer.Abort, KeyboardInterrupt) as leave:
        return _leave(leave)
    except SansoError as error:
        console.tell(error.say(console.language()))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 the last net: a user never sees a traceback
        kind = type(error).__name__
        console.tell(
            Text(f"Unexpected failure: {kind}: {error}", f"想定外の障害が発生しました: {kind}: {error}"),
        )
        return EXIT_CANNOT_RUN
    if result == EXIT_INTERRUPTED:  # typer makes this of Ctrl-C, without a word
        return _leave(KeyboardInterrupt())
    return result if isinstance(result, int) else EXIT_OK


def _leave(how: BaseException) -> int:
    """What the command line's own ways out mean: a usage error, an exit, an interrupt."""
    if isinstance(how, TyperException):
        cast("_Shown", how).show()
        return EXIT_USAGE
    if isinstance(how, typer.Exit):
        return how.exit_code
    console.tell(Text("Interrupted.", "中断しました。"))
    return EXIT_INTERRUPTED


def main() -> None:
    """The program `sanso`."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
