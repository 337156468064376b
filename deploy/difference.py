"""The difference between what a device runs and what it shall run, in words, element by element."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from deploy.elements import ORDER, Element, Fact, FactName, elements, fact_words, value_words
from deploy.space import moved
from inventory.origin import Origin
from inventory.text import Text
from network.state import DeviceState, Parsed

_NOT_UNDERSTOOD = Text("line that is not understood: {line}", "解釈できない行: {line}")
_BESIDE = Text(
    "made by hand in the kernel, beside the configuration: {line}",
    "設定に書かれず、手作業でカーネルに入れられたもの: {line}",
)
SET_ELEMENTS: FactName = ("elements",)


@dataclass(frozen=True, slots=True)
class Difference:
    """One element added (+), removed (-), changed (~) or left as it is (=); `origin`: where it is, or was, written."""

    sign: Literal["+", "-", "~", "="]
    what: Text
    origin: Origin

    @property
    def text(self) -> Text:
        return Text(f"{self.sign} {self.what.en}", f"{self.sign} {self.what.ja}")


def differences(running: Parsed, intended: DeviceState) -> tuple[Difference, ...]:
    """What has to be done to `running` to make it `intended`; () when it is the same, with no unknown line left."""
    old, new = elements(running.state), elements(intended)
    found: list[Difference] = []
    found += [Difference("-", _whole(item), item.origin) for path, item in old.items() if path not in new]
    for path, item in new.items():
        if path not in old:
            found.append(Difference("+", _whole(item), item.origin))
        elif (changed := _changed(old[path], item)) is not None:
            found.append(Difference("~", changed, item.origin))
    found += [
        Difference("-", (_BESIDE if line.beside else _NOT_UNDERSTOOD).format(line=line.text.strip()), line.origin)
        for line in running.unknown
    ]
    return tuple(found)


def text_difference(name: str, running: str, candidate: str) -> str:
    """The two texts as a unified diff."""
    lines = difflib.unified_diff(
        running.splitlines(), candidate.splitlines(), f"{name} (running)", f"{name} (candidate)", lineterm=""
    )
    return "\n".join(lines)


def _whole(item: Element) -> Text:
    gist = item.gist
    return Text(f"{item.label.en}: {gist.en}", f"{item.label.ja}: {gist.ja}") if gist.en else item.label


def _changed(old: Element, new: Element) -> Text | None:
    """What changed about an element; None when only the members of its order came or went."""
    steps = list(_steps(old, new))
    if not steps:
        return None
    en, ja = (", ".join(step.say(language) for step in steps) for language in ("en", "ja"))
    return Text(f"{new.label.en}: {en}", f"{new.label.ja}: {ja}")


def _steps(old: Element, new: Element) -> Iterator[Text]:
    for name in dict.fromkeys([*old.facts, *new.facts]):
        before, after = old.facts.get(name, ""), new.facts.get(name, "")
        word = fact_words(name)
        if before == after:
            continue
        if name == ORDER:
            if _common(before, after) != _common(after, before):
                yield Text("order of rules changed", "ルールの順序を変更")
        elif isinstance(before, tuple) or isinstance(after, tuple):
            gone, come = _moved(name, _members(before), _members(after))
            moves = " ".join([*(f"-{part}" for part in gone), *(f"+{part}" for part in come)])
            yield (
                Text(f"{word.en} {moves}", f"{word.ja} {moves}")
                if moves
                else Text(f"order of {word.en} changed", f"{word.ja}の順序を変更")
            )
        else:
            yield Text("{word} {before} → {after}", "{word} {before} → {after}").format(
                word=word, before=value_words(before), after=value_words(after)
            )


def _common(one: Fact, other: Fact) -> list[str]:
    """The rules of one order that stand in the other too, in their order."""
    kept = set(str(other).splitlines())
    return [rule for rule in str(one).splitlines() if rule in kept]


def _moved(name: FactName, before: set[str], after: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What left and what came. A filter's set of prefixes is the addresses it covers; anything else its members."""
    if name == SET_ELEMENTS:
        with suppress(ValueError):
            return moved(before, after)
    return tuple(sorted(before - after)), tuple(sorted(after - before))


def _members(fact: Fact) -> set[str]:
    return set(fact) if isinstance(fact, tuple) else set()
