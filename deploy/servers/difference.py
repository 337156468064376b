"""The difference between what a server runs and what it shall run, in words; and the checks that come with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from deploy.checks import Check
from deploy.difference import Difference
from deploy.servers.services import CHECKS, DATA
from deploy.servers.text import ManagedFile, ServerText, parse
from inventory.origin import Origin
from inventory.text import Text


def server_differences(running: str, intended: str, origin: Origin) -> tuple[Difference, ...]:
    """What has to be done; () when it is the same. `origin` is the server's own place in the inventory."""
    return tuple(_differences(running, intended, origin)) if running != intended else ()


def _differences(running: str, intended: str, origin: Origin) -> Iterator[Difference]:
    old, new = parse(running), parse(intended)
    for name in sorted({*new.packages} - {*old.packages}):
        yield Difference("+", Text(f"Debian package {name}", f"Debian パッケージ {name}"), origin)
    for path in sorted({*old.files, *new.files}):
        before, after = old.files.get(path), new.files.get(path)
        if before is None and after is not None:
            yield Difference("+", _whole(after), origin)
        elif after is None and before is not None:
            yield Difference("-", _whole(before), origin)
        elif before is not None and after is not None and before != after:
            yield Difference("~", _changed(before, after), origin)
    for name in sorted({*old.daemons} ^ {*new.daemons}):
        what = Text(f"daemon {name} runs, now and after a boot", f"デーモン {name} の稼働と自動起動")
        yield Difference("+" if name in new.daemons else "-", what, origin)
    yield from _left(old, new, origin)


def _left(old: ServerText, new: ServerText, origin: Origin) -> Iterator[Difference]:
    """What a change does not take away: packages, which others may need, and data, which nobody else may have."""
    gone = _things(old, new)
    if gone:
        yield Difference("=", Text(f"left in place: {', '.join(gone)}", f"削除せず残すもの: {'、'.join(gone)}"), origin)
    come = _things(new, old)
    if come:
        yield Difference(
            "=",
            Text(
                f"left in place should this change be taken back: {', '.join(come)}",
                f"この変更を取り消しても残るもの: {'、'.join(come)}",
            ),
            origin,
        )


def _things(server: ServerText, without: ServerText) -> list[str]:
    """Packages by name and data by folder that one text has and the other has not."""
    packages = sorted({*server.packages} - {*without.packages})
    return packages + [DATA[name] for name in sorted({*server.daemons} - {*without.daemons}) if name in DATA]


def _whole(file: ManagedFile) -> Text:
    lines = len(file.content.splitlines())
    return Text(f"file {file.path} ({lines} lines)", f"ファイル {file.path} ({lines} 行)")


def _changed(before: ManagedFile, after: ManagedFile) -> Text:
    """Lines that come and go, and what else of it changes."""
    signs = [line[0] for line in difflib.ndiff(before.content.splitlines(), after.content.splitlines())]
    en, ja = list[str](), list[str]()
    if before.content != after.content:
        en.append(f"+{signs.count('+')} −{signs.count('-')} lines")
        ja.append(f"+{signs.count('+')} −{signs.count('-')} 行")
    if (before.mode, before.owner) != (after.mode, after.owner):
        en.append(f"{before.owner} {before.mode} → {after.owner} {after.mode}")
        ja.append(en[-1])
    if (before.daemon, before.sealed) != (after.daemon, after.sealed):
        en.append("how it is kept")
        ja.append("管理方法")
    return Text(f"file {after.path} ({', '.join(en)})", f"ファイル {after.path} ({'、'.join(ja)})")


def server_checks(texts: Mapping[str, tuple[str, str]]) -> Iterator[Check]:
    """The checks that servers bring along, from their running and their intended texts."""
    for name, (running, intended) in texts.items():
        before, after = (_checks(text) for text in (running, intended))
        for service in sorted(after):
            yield Check(kind="service", device=name, vrf="", subject=service, family=4, known=service in before)


def _checks(text: str) -> set[str]:
    return {path.rpartition("/")[2] for path in parse(text).files if path.startswith(f"{CHECKS}/")}
