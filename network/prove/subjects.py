"""Where subjects come from: a compiled city, or configuration texts of its devices.

States are always read from text, so that they cite lines of it; the intended states cite the inventory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

from inventory.errors import SansoError
from inventory.text import Text
from network.canonical import canonical
from network.collector import without_collector
from network.compile import compile_fabric
from network.fabric import Fabric
from network.parse import parse
from network.prove.subject import Source, Subject
from network.render import RENDERERS
from network.state import DeviceState, Parsed

Progress = Callable[[int, int], None]
"""Told how many devices of how many are read."""


def compiled_subject(fabric: Fabric, day: dt.date, progress: Progress | None = None) -> Subject:
    """What the city's own configurations would do."""
    with without_collector():
        states = _intended(fabric, day)
        texts = {name: RENDERERS[state.platform](state) for name, state in states.items()}
        return parsed_subject(fabric, day, _parsed(fabric, texts, progress), "compiled", states)


def texts_subject(
    fabric: Fabric, day: dt.date, texts: Mapping[str, str], source: Source, progress: Progress | None = None
) -> Subject:
    """What these configurations do; a device without one counts as letting everything pass."""
    with without_collector():
        return parsed_subject(fabric, day, _parsed(fabric, texts, progress), source, _intended(fabric, day))


def parsed_subject(
    fabric: Fabric, day: dt.date, parsed: Mapping[str, Parsed], source: Source, intended: Mapping[str, DeviceState]
) -> Subject:
    """What configurations do that were read already; the intended states are canonical."""
    return Subject(
        fabric,
        day,
        states={name: item.state for name, item in parsed.items()},
        intended=intended,
        unknown={name: item.unknown for name, item in parsed.items() if item.unknown},
        source=source,
    )


def _intended(fabric: Fabric, day: dt.date) -> dict[str, DeviceState]:
    return {name: canonical(state) for name, state in compile_fabric(fabric, day).items()}


def _parsed(fabric: Fabric, texts: Mapping[str, str], progress: Progress | None) -> dict[str, Parsed]:
    parsed: dict[str, Parsed] = {}
    for count, name in enumerate(texts, start=1):
        parsed[name] = parse(fabric.devices[name].spec.platform, name, texts[name])
        if progress:
            progress(count, len(texts))
    return parsed


class ConfigurationsError(SansoError):
    """The folder does not hold the configurations of all devices."""


def read_configurations(fabric: Fabric, folder: Path) -> dict[str, str]:
    """The texts of all devices from a folder as `sanso compile` writes it, or from its `configurations` itself.

    Raises:
        ConfigurationsError: the folder is not there, or files are missing or cannot be read; all of them are named.
    """
    if not folder.is_dir():
        raise ConfigurationsError(Text(f"{folder} is no folder.", f"{folder} はフォルダではありません。"))
    inner = folder / "configurations"
    here = inner if inner.is_dir() else folder
    texts: dict[str, str] = {}
    bad: list[Text] = []
    for name in fabric.devices:
        path = here / f"{name}.conf"
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            bad.append(Text(f"{path}: not there", f"{path}: ありません"))
        except UnicodeDecodeError:
            bad.append(Text(f"{path}: not UTF-8 text", f"{path}: UTF-8 のテキストではありません"))
        except OSError as error:
            bad.append(Text(f"{path}: {error.strerror}", f"{path}: {error.strerror}"))
    if bad:
        raise ConfigurationsError(
            Text(
                "\n  ".join(
                    [
                        f"{len(bad)} of {len(fabric.devices)} configurations are missing or cannot be read:",
                        *(b.en for b in bad),
                    ]
                ),
                "\n  ".join(
                    [f"{len(fabric.devices)} 台中 {len(bad)} 台の設定がないか、読み取れません:", *(b.ja for b in bad)]
                ),
            ),
            Text(
                "Every device of the city needs DEVICE.conf there, named as by `sanso compile CITY -o DIR`.",
                "全機器の設定が「機器名.conf」という名前で必要です (`sanso compile CITY -o DIR` と同じ形)。",
            ),
        )
    return texts
