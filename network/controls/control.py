"""What a control is, and what comes of judging it.

A control yields evidence: each thing it looked at, speaking for it, against it, or leaving it open. The verdict
follows: anything against is a failure; otherwise anything open leaves it undecidable here; nothing to look at is "not
applicable"; the rest is a pass. So nothing passes on a wish, and no failure hides behind a fact that is missing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

from inventory.model import Edition, SecurityModel
from inventory.origin import NOWHERE, Origin
from inventory.text import Text
from network.controls.facts import Facts, Need

Status = Literal["pass", "fail", "not-applicable", "undecidable"]
Basis = Literal["F", "S", "K", "P"]
"""Where a control comes from: a public source, a city's plan, recollection that a person has to check, our proposal."""
Side = Literal["for", "against", "open"]

SHOWN = 3
"""How many pieces of evidence a summary names."""

NEEDED: Mapping[Need, Text] = MappingProxyType(
    {
        "proof": Text("the result of the proof (sanso prove CITY)", "分離・疎通の証明の結果 (sanso prove 市)"),
        "changes": Text(
            "the journal of changes (sanso controls CITY --journal URL)",
            "変更記録 (sanso controls 市 --journal URL)",
        ),
        "drift": Text(
            "what the devices run (sanso controls CITY --running)",
            "稼働中の設定 (sanso controls 市 --running)",
        ),
        "inspections": Text(
            "the clocks and services of the devices (sanso controls CITY --running)",
            "稼働中の機器の時刻とサービス (sanso controls 市 --running)",
        ),
    }
)
"""What an optional fact is called, and which command gives it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was looked at. `where` is a line of the inventory, of a configuration, or a row of the journal.

    `waiver` names the waiver (是正猶予) that accepts what speaks against the control until a day.
    """

    side: Side
    what: Text
    where: Origin = NOWHERE
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A control judged. `reason` tells why it does not apply or cannot be decided, and is None otherwise."""

    control: Control
    status: Status
    expected: Text
    actual: Text
    evidence: tuple[Evidence, ...] = ()
    reason: Text | None = None

    @property
    def waivers(self) -> tuple[str, ...]:
        """The waivers that cover some of what speaks against the control."""
        return tuple(dict.fromkeys(item.waiver for item in self.evidence if item.waiver))

    @property
    def waived(self) -> bool:
        """Whether everything that speaks against the control is waived. It fails all the same."""
        against = [item for item in self.evidence if item.side == "against"]
        return bool(against) and all(item.waiver for item in against)

    def of(self, side: Side) -> tuple[Evidence, ...]:
        return tuple(item for item in self.evidence if item.side == side)


class Control(ABC):
    """One control. A subclass says what it is in class attributes, and looks at the facts in `evidence`."""

    id: ClassVar[str]
    title: ClassVar[Text]
    rule: ClassVar[Text]
    """What has to hold."""
    bases: ClassVar[tuple[Basis, ...]]
    edition_from: ClassVar[Edition | None] = None
    edition_to: ClassVar[Edition | None] = None
    models: ClassVar[tuple[SecurityModel, ...]] = ()
    """The models it is for; () is every one."""
    needs: ClassVar[tuple[Need, ...]] = ()
    absent: ClassVar[Text] = Text("there is nothing of the kind in the city", "対象となるものがありません")
    """Why it does not apply when there is nothing to look at."""
    limits: ClassVar[Text | None] = None
    """What the verdict does not cover."""

    @abstractmethod
    def evidence(self, facts: Facts) -> Iterable[Evidence]:
        """Everything that speaks for or against it."""

    def expected(self, facts: Facts) -> Text:  # noqa: ARG002 an edition may change what is expected
        """What is expected under the city's edition and model."""
        return self.rule

    def judge(self, facts: Facts) -> Result:
        """The verdict."""
        expected = self.expected(facts)
        aside = self._not_for(facts)
        if aside is not None:
            return Result(self, "not-applicable", expected, Text("not looked at", "判定していません"), reason=aside)
        found = tuple(dict.fromkeys((*self._missing(facts), *self.evidence(facts))))
        if not found:
            return Result(self, "not-applicable", expected, self.absent, reason=self.absent)
        return Result(self, _status(found), expected, _actual(found), found, _reason(found))

    def _not_for(self, facts: Facts) -> Text | None:
        """Why the rule is not one of this city's edition and model."""
        city = facts.city
        early = self.edition_from is not None and city.edition < self.edition_from
        late = self.edition_to is not None and city.edition > self.edition_to
        if early or late:
            return Text(
                f"guideline edition {city.edition} does not have this rule",
                f"ガイドライン {city.edition} 版にはない項目です",
            )
        if self.models and city.model not in self.models:
            return Text(f"not a rule for model {city.model}", f"{MODELS[city.model]}は対象外です")
        return None

    def _missing(self, facts: Facts) -> Iterator[Evidence]:
        return (waiting(NEEDED[need]) for need in self.needs if getattr(facts, need) is None)


class Awaited(Control):
    """A control whose facts nobody collects yet: it says which fact it waits for."""

    awaits: ClassVar[Text]

    def evidence(self, facts: Facts) -> Iterable[Evidence]:
        return (waiting(self.awaits),) if self.applies(facts) else ()

    def applies(self, facts: Facts) -> bool:  # noqa: ARG002 most controls are for every city
        """Whether the city has what the control is about."""
        return True


MODELS: Mapping[SecurityModel, str] = MappingProxyType(
    {"alpha": "αモデル", "alpha-prime": "α′モデル", "beta": "βモデル", "beta-prime": "β′モデル"}
)
"""The models as officials call them."""


def fits(what: Text, where: Origin = NOWHERE) -> Evidence:
    """Evidence for a control."""
    return Evidence("for", what, where)


def breaks(what: Text, where: Origin = NOWHERE, waiver: str = "") -> Evidence:
    """Evidence against a control."""
    return Evidence("against", what, where, waiver)


def waiting(fact: Text, where: Origin = NOWHERE) -> Evidence:
    """A control stays open until this fact is there."""
    return Evidence("open", Text(f"waits for {fact.en}", f"未取得: {fact.ja}"), where)


def either(holds: bool, good: Text, bad: Text, where: Origin = NOWHERE) -> Evidence:  # noqa: FBT001 the question itself
    """Evidence for or against."""
    return fits(good, where) if holds else breaks(bad, where)


def declared(said: bool | None, what: Text, field: Text, where: Origin) -> Evidence:  # noqa: FBT001 the question itself
    """What a city declares in its inventory; None is nothing said, which waits for the `field`."""
    if said is None:
        return waiting(field, where)
    return either(
        said,
        Text("{what}: yes (declared)", "{what}: あり(申告)").format(what=what),
        Text("{what}: no (declared)", "{what}: なし(申告)").format(what=what),
        where,
    )


def _status(found: tuple[Evidence, ...]) -> Status:
    sides = {item.side for item in found}
    if "against" in sides:
        return "fail"
    return "undecidable" if "open" in sides else "pass"


def _actual(found: tuple[Evidence, ...]) -> Text:
    good, bad, unknown = ([item for item in found if item.side == side] for side in ("for", "against", "open"))
    if bad:
        first = _first(bad)
        return Text(
            f"{len(bad)} of {len(found)} points do not hold: {first.en}",
            f"{len(found)} 点中 {len(bad)} 点が不適合: {first.ja}",
        )
    if unknown and not good:
        return Text("nothing could be looked at", "確認できた点はありません")
    if unknown:
        return Text(
            f"{len(good)} points hold, {len(unknown)} are open",
            f"{len(good)} 点は適合、{len(unknown)} 点は判定できません",
        )
    first = _first(good)
    return Text(f"all {len(good)} points hold: {first.en}", f"{len(good)} 点すべて適合: {first.ja}")


def _reason(found: tuple[Evidence, ...]) -> Text | None:
    """What is still open, unless the control fails anyway."""
    unknown = [item for item in found if item.side == "open"]
    return _first(unknown) if unknown and _status(found) == "undecidable" else None


def _first(items: list[Evidence]) -> Text:
    """The first texts of several pieces of evidence, each said once."""
    texts = list(dict.fromkeys(item.what for item in items))
    shown = texts[:SHOWN]
    more = len(texts) - len(shown)
    en, ja = "; ".join(text.en for text in shown), "、".join(text.ja for text in shown)
    return Text(f"{en}; and {more} more", f"{ja} ほか {more} 件") if more else Text(en, ja)
