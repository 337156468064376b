"""Whether a scenario that is filled in fits: its parts to each other, to the city, and to the runbooks it calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from inventory.document import DocumentError
from inventory.errors import Finding
from inventory.model import City
from inventory.origin import Origin
from inventory.text import Text
from inventory.words import listed, one_of, same
from runbooks.drills.model import Fault, Scenario, Step, Undoing
from runbooks.procedures.arguments import checked, unknown
from runbooks.procedures.catalog import UnknownRunbookError, procedure


def unfit(scenario: Scenario, city: City, library: Path) -> Iterator[Finding]:
    """All that does not fit."""
    yield from _inside(scenario)
    yield from _outside(scenario, city)
    yield from _runbooks(scenario, city, library)


def _inside(scenario: Scenario) -> Iterator[Finding]:
    """What the parts of a scenario say of each other."""
    seen: dict[str, Origin] = {}
    parts: list[Fault | Step | Undoing] = [*scenario.faults, *scenario.steps, *scenario.rollback]
    for part in parts:
        if part.id in seen:
            yield Finding(
                "name-twice",
                Text(f"`{part.id}` names two things", f"`{part.id}` が 2 回使われています"),
                Text("each fault and step under its own name", "障害と手順ごとに別の名前"),
                Text(
                    f"first at {seen[part.id]}, again at {part.origin}", f"最初は {seen[part.id]}、次は {part.origin}"
                ),
                Text("give one of them another name", "一方を別の名前にしてください"),
                part.origin,
            )
        seen.setdefault(part.id, part.origin)
    for fault in scenario.faults:
        yield from _one_fault(fault)
    for step in scenario.steps:
        if step.role not in scenario.roles:
            yield unknown(
                Text(
                    f"step `{step.id}`: there is no role `{step.role}`",
                    f"手順 `{step.id}`: 役割 `{step.role}` がありません",
                ),
                step.role,
                scenario.roles,
                step.origin,
            )
        yield from _by(step)
    yield from _clocks(scenario)
    yield from _undoings(scenario)


def _one_fault(fault: Fault) -> Iterator[Finding]:
    said = [key for key in ("cut", "stop_site", "stop_node") if getattr(fault, key)]
    if len(said) != 1:
        row = listed(said)
        yield Finding(
            "fault-kind",
            Text(
                f"fault `{fault.id}`: it breaks not exactly one thing",
                f"障害 `{fault.id}`: 壊す対象が 1 つではありません",
            ),
            one_of(("cut", "stop_site", "stop_node")),
            row,
            None,
            fault.origin,
        )


def _by(step: Step) -> Iterator[Finding]:
    if (step.by == "machine") != bool(step.runbook):
        yield Finding(
            "step-kind",
            Text(
                f"step `{step.id}`: by machine goes with a runbook, by hand without one",
                f"手順 `{step.id}`: by: machine には runbook が必要で、by: hand には書けません",
            ),
            Text("by: machine and runbook, or by: hand", "by: machine と runbook、または by: hand"),
            Text(
                f"by: {step.by}, " + (f"runbook: {step.runbook}" if step.runbook else "no runbook"),
                f"by: {step.by}、" + (f"runbook: {step.runbook}" if step.runbook else "runbook なし"),
            ),
            None,
            step.origin,
        )


def _clocks(scenario: Scenario) -> Iterator[Finding]:
    """Somebody has to decide, by hand; and the order of the clocks is the order of time."""
    order = [step.clock for step in scenario.steps if step.clock is not None]
    decided = [step for step in scenario.steps if step.clock == "decided"]
    if len(decided) != 1 or decided[0].by != "hand":
        yield Finding(
            "clock-decided",
            Text("not exactly one step by hand decides", "判断を行う手作業の手順がちょうど 1 つではありません"),
            Text("one step with `by: hand` and `clock: decided`", "`by: hand` かつ `clock: decided` の手順が 1 つ"),
            Text(f"{len(decided)}", f"{len(decided)} 件"),
            None,
            decided[-1].origin if decided else scenario.steps[0].origin,
        )
    if order != sorted(order, key=("detected", "decided", "executed").index) or order.count("executed") != 1:
        yield Finding(
            "clock-order",
            Text("the clocks do not stand in the order of time", "時刻の記録が時間の順に並んでいません"),
            Text(
                "detected (if by hand), decided, executed once", "detected (手動の場合)、decided、executed (1 回) の順"
            ),
            Text(", ".join(order) or "nothing", "、".join(order) or "なし"),
            None,
            scenario.steps[0].origin,
        )


def _undoings(scenario: Scenario) -> Iterator[Finding]:
    faults, steps = [fault.id for fault in scenario.faults], [step.id for step in scenario.steps]
    for part in scenario.rollback:
        if bool(part.heals) == bool(part.undoes):
            yield Finding(
                "rollback-kind",
                Text(
                    f"rollback `{part.id}`: it neither heals a fault nor undoes a step, or both",
                    f"復旧 `{part.id}`: heals (障害の復旧) と undoes (手順の取り消し) のどちらか 1 つが必要です",
                ),
                Text("heals: FAULT, or undoes: STEP and runbook", "heals: 障害、または undoes: 手順 と runbook"),
                Text(
                    f"heals: {part.heals!r}, undoes: {part.undoes!r}", f"heals: {part.heals!r}、undoes: {part.undoes!r}"
                ),
                None,
                part.origin,
            )
        for name, known, word in ((part.heals, faults, "fault"), (part.undoes, steps, "step")):
            if name and name not in known:
                ja = {"fault": "障害", "step": "手順"}[word]
                yield unknown(
                    Text(
                        f"rollback `{part.id}`: there is no {word} `{name}`",
                        f"復旧 `{part.id}`: {ja} `{name}` がありません",
                    ),
                    name,
                    known,
                    part.origin,
                )
    for fault in scenario.faults:
        if fault.id not in {part.heals for part in scenario.rollback}:
            yield Finding(
                "fault-unhealed",
                Text(f"fault `{fault.id}` is never healed", f"障害 `{fault.id}` を復旧する手順がありません"),
                Text(f"a step of the rollback with `heals: {fault.id}`", f"rollback に `heals: {fault.id}` の手順"),
                Text("none", "なし"),
                None,
                fault.origin,
            )


def _outside(scenario: Scenario, city: City) -> Iterator[Finding]:
    """What a scenario names of the city."""
    servers = [f"{key}-{name}" for key, site in city.sites.items() for name in site.servers]
    nodes = [*servers, *(f"{key}-{name}" for key, site in city.sites.items() for name in site.devices)]
    service = scenario.service
    wanted: list[tuple[str, Iterable[str], Text, Origin]] = [
        (service.workload, city.workloads, Text("workload", "業務システム"), service.origin),
        (service.client, servers, Text("server", "サーバ"), service.origin),
        *(
            (target.workload, city.workloads, Text("workload", "業務システム"), target.origin)
            for target in scenario.targets
        ),
    ]
    if service.packets_to:
        wanted.append((service.packets_to, servers, Text("server", "サーバ"), service.origin))
    for fault in scenario.faults:
        wanted += [(fault.cut, city.circuits, Text("circuit", "回線"), fault.origin)] if fault.cut else []
        wanted += [(fault.stop_site, city.sites, Text("site", "拠点"), fault.origin)] if fault.stop_site else []
        wanted += [(fault.stop_node, nodes, Text("node", "ノード"), fault.origin)] if fault.stop_node else []
    for name, known, word, origin in wanted:
        if name not in known:
            yield unknown(
                Text(f"{city.name} has no {word.en} `{name}`", f"{city.title}に{word.ja} `{name}` はありません"),
                name,
                known,
                origin,
            )
    if service.workload in city.workloads and not city.workloads[service.workload].hosts:
        yield Finding(
            "workload-elsewhere",
            Text(
                f"workload `{service.workload}` has no host here",
                f"業務システム `{service.workload}` のサーバが市内にありません",
            ),
            Text("a workload with `hosts:`", "`hosts:` のある業務システム"),
            Text("no host", "サーバなし"),
            None,
            service.origin,
        )


def _runbooks(scenario: Scenario, city: City, library: Path) -> Iterator[Finding]:
    """Every runbook a scenario calls exists, is sound, and is called with what it wants."""
    parts: list[Step | Undoing] = [*scenario.steps, *scenario.rollback]
    for part in parts:
        if not part.runbook:
            continue
        try:
            called = procedure(part.runbook, library)
            checked(called.runbook.parameters, part.arguments, city, f"{part.origin} ({part.runbook})")
        except UnknownRunbookError as error:
            hint = error.hint
            yield Finding(
                "runbook-unknown",
                error.what,
                Text("a runbook of the library", "手順書の名前"),
                same(part.runbook),
                hint,
                part.origin,
            )
        except DocumentError as error:
            yield from error.findings
