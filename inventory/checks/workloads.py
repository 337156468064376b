"""Workloads: where they run, what they need, and whether what they are promised can hold."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import Path, problem, warning
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import listed, same


def workloads_stand(survey: Survey) -> Iterator[Finding]:
    """A workload runs on servers of ours or is provided by a peer: one of both, and in its own segment."""
    for key, workload in survey.city.workloads.items():
        path: Path = ("workloads", key)
        if not workload.hosts and workload.peer is None and survey.sound(*path):
            yield problem(
                "workload-nowhere",
                path,
                Text("it runs nowhere", "稼働場所がありません"),
                expected=Text("`hosts:`, or `peer:` where it is provided", "`hosts:`、または提供元の `peer:`"),
                found=Text("neither", "どちらもありません"),
            )
        if workload.hosts and workload.peer is not None:
            yield problem(
                "workload-twofold",
                (*path, "peer"),
                Text("it runs on servers of ours and at a peer", "庁内サーバと外部接続先の両方が指定されています"),
                expected=Text("`hosts:` or `peer:`", "`hosts:` か `peer:` の一方"),
                found=Text("both", "両方"),
            )
        if workload.peer is not None and survey.city.peers[workload.peer].segment != workload.segment:
            theirs = survey.city.peers[workload.peer].segment
            yield _elsewhere((*path, "peer"), workload.peer, workload.segment, theirs)
        for index, name in enumerate(workload.hosts):
            site, _, server = survey.servers[name]
            segment = survey.city.sites[site].vlans[server.vlan].segment
            if segment != workload.segment:
                yield _elsewhere((*path, "hosts", str(index)), name, workload.segment, segment)
            if name in workload.hosts[:index]:
                yield problem(
                    "workload-host-twice",
                    (*path, "hosts", str(index)),
                    Text(f"{name} is given twice", f"{name} が重複しています"),
                    expected=Text("each server once", "サーバは 1 回ずつ"),
                    found=listed(workload.hosts),
                )


def _elsewhere(path: Path, name: str, wanted: str, found: str) -> Finding:
    return problem(
        "workload-segment",
        path,
        Text(f"{name} stands in another segment", f"{name} は別の領域にあります"),
        expected=same(wanted),
        found=same(found),
    )


def workloads_need_forward(survey: Survey) -> Iterator[Finding]:
    """No workload needs itself, directly or through others: it could never be the first to be back."""
    needs = {key: workload.needs for key, workload in survey.city.workloads.items()}
    told: set[frozenset[str]] = set()
    for key in needs:
        circle = _circle(key, needs)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            way = " → ".join((*circle, circle[0]))
            yield problem(
                "workload-circle",
                ("workloads", key, "needs"),
                Text("what it needs needs it", "依存関係が循環しています"),
                expected=Text("an order in which they can be started", "起動順序が決まる依存関係"),
                found=same(way),
            )


def _circle(start: str, needs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a workload back to itself; () when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in needs[way[-1]]:
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()


def workloads_hold(survey: Survey) -> Iterator[Finding]:
    """What a workload is promised can hold: a standby apart from it, what it needs back no later than itself."""
    for key, workload in survey.city.workloads.items():
        path: Path = ("workloads", key)
        goal = workload.recovery
        for index, name in enumerate(workload.hosts[1:], start=1):
            first, standby = survey.servers[workload.hosts[0]], survey.servers[name]
            if first[0] == standby[0] and first[2].room == standby[2].room and name != workload.hosts[0]:
                room = f"{first[0]} {first[2].room or ''}".strip()
                yield warning(
                    "workload-one-room",
                    (*path, "hosts", str(index)),
                    Text(
                        f"standby {name} stands in the room of {workload.hosts[0]}",
                        f"待機系 {name} が {workload.hosts[0]} と同じ室にあります",
                    ),
                    expected=Text("another room, better another site", "別の室 (できれば別の拠点)"),
                    found=same(room),
                )
        for index, name in enumerate(workload.needs):
            theirs = survey.city.workloads[name].recovery
            if theirs.rto_hours > goal.rto_hours:
                yield warning(
                    "workload-needs-later",
                    (*path, "needs", str(index)),
                    Text(f"it needs {name}, which is back later", f"依存先 {name} の復旧の方が後になります"),
                    expected=Text(
                        f"an RTO of {name} of at most {goal.rto_hours:g} h",
                        f"{name} の RTO が {goal.rto_hours:g} 時間以内",
                    ),
                    found=Text(f"{theirs.rto_hours:g} h", f"{theirs.rto_hours:g} 時間"),
                )
        if goal.target_start_hours is not None and goal.target_start_hours < goal.rto_hours:
            yield warning(
                "workload-starts-early",
                (*path, "recovery", "target_start_hours"),
                Text("its task is to begin before it is back", "復旧前に初動業務の開始が予定されています"),
                expected=Text(f"at least its RTO, {goal.rto_hours:g} h", f"RTO ({goal.rto_hours:g} 時間) 以上"),
                found=Text(f"{goal.target_start_hours:g} h", f"{goal.target_start_hours:g} 時間"),
            )
