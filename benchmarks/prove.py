"""Prove generated cities: seconds and memory, and what a change of one device costs afterwards.

    python benchmarks/prove.py

First comes what `sanso prove` takes but for loading the inventory, in elapsed seconds on two cores: compiling the city,
writing its texts, parsing them, and all claims. All else is in processor seconds of one process that keeps what it
knows: reading, and each claim (separation, service, resilience). Then one device is changed, its text read anew, and
all three claims are asked again: a router whose last interface moves to another VRF, an access switch whose first port
moves to another VLAN, and a firewall that loses a rule. Last comes what `sanso plan` proves of the router's change: the
result from scratch, every mixture on the way, and what passes today. The largest city has 2,000 devices, 12 segments
and 20,000 filter rules; the memory is the peak of both processes together, inventory and all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from deploy.assurance import assure
from inventory.generate import generate_city
from inventory.loader import load_city
from inventory.model import City, Flow, HostGroup, Member
from inventory.values import ProtocolPort
from network.build import build_fabric
from network.canonical import canonical
from network.collector import without_collector
from network.parse import parse
from network.prove import Claim, Finding, Prover, Subject, compiled_subject, prove
from network.render import render
from network.state import DeviceState, Parsed

DAY = dt.date(2026, 11, 20)
SEGMENTS = 12
SIZES = ((500, 5000), (1000, 10000), (2000, 20000))
"""Devices and filter rules."""
RULES_A_ROW = 4
"""Both families at both firewalls."""
MOST_SECONDS, MOST_SECONDS_CHANGE, MOST_MIB = 10.0, 1.0, 2048
MOST_SECONDS_YASU = 1.0
CLAIMS: tuple[Claim, ...] = ("separation", "service", "resilience")


@dataclass(frozen=True)
class Result:
    """One city: what all took together, reading, each claim, each after a change of one device, a plan's proof."""

    what: str
    devices: int
    rules: int
    elapsed: float
    reading: float
    claims: dict[Claim, float]
    after: dict[str, dict[Claim, float]]
    """Kind of the changed device → claims."""
    again: dict[str, float]
    """Kind of the changed device → reading its new text, which is no part of the claims."""
    plan: float
    mib: int

    @property
    def proving(self) -> float:
        return sum(self.claims.values())

    def say(self) -> str:
        size = f"{self.what:8}{self.devices:6} devices {self.rules:6} rules"
        lines = [f"{size}  read and proved {self.elapsed:6.2f} s elapsed  {self.mib} MiB"]
        lines += [f"{'':8}reading           {self.reading:5.2f} s"]
        lines += [f"{'':8}from scratch      {_said(self.claims)}"]
        lines += [
            f"{'':8}after a {kind:8}  {_said(claims)}, and its text read {self.again[kind]:5.2f} s"
            for kind, claims in self.after.items()
        ]
        return "\n".join([*lines, f"{'':8}what `sanso plan` proves of the router's change {self.plan:6.2f} s"])

    def missed(self, most: float) -> list[str]:
        """The targets that are not met, each with what was measured."""
        told = [("read and proved", self.elapsed, most)]
        told += [(f"after a {kind}", sum(claims.values()), MOST_SECONDS_CHANGE) for kind, claims in self.after.items()]
        found = [f"{what} {seconds:.2f} s of {limit:.0f} s" for what, seconds, limit in told if seconds > limit]
        return found + ([f"{self.mib} MiB of {MOST_MIB} MiB"] if self.mib > MOST_MIB else [])


def _said(claims: dict[Claim, float]) -> str:
    each = "  ".join(f"{claim} {seconds:5.2f} s" for claim, seconds in claims.items())
    return f"{each}  all {sum(claims.values()):5.2f} s"


def with_rows(city: City, rows: int) -> City:
    """The city with so many rows more: from a VLAN of a site to servers of another segment, a port each."""
    segments = [name for name in city.segments if name != "mynumber"]
    sites = [name for name, site in city.sites.items() if all(f"{segment}-lan" in site.vlans for segment in segments)]
    groups, flows = dict(city.groups), dict(city.flows)
    model = city.flows["asp"]
    for number in range(rows):
        site = sites[number % len(sites)]
        source = segments[number // len(sites) % len(segments)]
        target = segments[(number // len(sites) + 1 + number % (len(segments) - 1)) % len(segments)]
        if target == source:
            target = segments[(segments.index(source) + 1) % len(segments)]
        key = f"at-{site}-{source}"
        member = Member.model_validate({"vlan": f"{site}/{source}-lan"})
        groups.setdefault(key, HostGroup(title=key, members=(member,)))
        ports = (ProtocolPort("tcp", 1024 + number, 1024 + number),)
        update = {"kind": "service", "source": key, "destination": f"{target}-servers", "ports": ports}
        flows[f"row{number}"] = Flow.model_validate(model.model_copy(update=update).model_dump(by_alias=True))
    return city.model_copy(update={"groups": groups, "flows": flows})


def measure(what: str, city: City) -> Result:
    """Read, prove, change one device, prove again; with Python's collector paused, as the command pauses it."""
    gc.collect()
    with without_collector():
        return _measured(what, city)


def _measured(what: str, city: City) -> Result:
    fabric = build_fabric(city)
    begun = time.perf_counter()
    subject = compiled_subject(fabric, DAY)
    told = prove(subject)
    elapsed = time.perf_counter() - begun
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    begun = time.process_time()
    subject = compiled_subject(fabric, DAY)
    reading = time.process_time() - begun
    prover = Prover()
    claims, findings = _proved(prover, subject)
    if tuple(findings) != told.findings or any(finding.kind != "spof" for finding in findings):
        sys.exit(f"{what}: {findings[0]}")
    after: dict[str, dict[Claim, float]] = {}
    again: dict[str, float] = {}
    for kind, change in CHANGES.items():
        again[kind], changed = _read_anew(subject, change)
        after[kind], found = _proved(prover, changed)
        if found == findings:
            sys.exit(f"{what}: the change of a {kind} was not seen")
        _proved(prover, subject)
    rules = sum(
        len(chain.rules) for state in subject.states.values() for table in state.tables for chain in table.chains
    )
    plan = _planned(subject)
    return Result(what, len(fabric.devices), rules, elapsed, reading, claims, after, again, plan, peak)


def _proved(prover: Prover, subject: Subject) -> tuple[dict[Claim, float], list[Finding]]:
    """Each claim's seconds, and all findings."""
    seconds: dict[Claim, float] = {}
    found: list[Finding] = []
    for claim in CLAIMS:
        begun = time.process_time()
        found += prover.prove(subject, (claim,)).findings
        seconds[claim] = time.process_time() - begun
    return seconds, found


def _planned(subject: Subject) -> float:
    """The seconds of a plan's proof that moves an interface of a router."""
    changed = _router(subject)
    running = {name: Parsed(state) for name, state in subject.states.items()}
    begun = time.process_time()
    assure(subject.fabric, DAY, subject.intended, running, {changed.hostname: render(canonical(changed))})
    return time.process_time() - begun


def _read_anew(subject: Subject, change: Callable[[Subject], DeviceState]) -> tuple[float, Subject]:
    """The subject with one device changed and read from its new text, and the seconds of reading it."""
    state = change(subject)
    text = render(canonical(state))
    begun = time.process_time()
    read = parse(state.platform, state.hostname, text).state
    seconds = time.process_time() - begun
    return seconds, replace(subject, states={**subject.states, state.hostname: read})


def _router(subject: Subject) -> DeviceState:
    """The last router of several segments, with its last interface in the VRF of its first one."""
    state = [state for state in subject.states.values() if len(state.vrfs) > 1][-1]
    inside = [item for item in state.interfaces if item.vrf]
    moved = replace(inside[-1], vrf=inside[0].vrf)
    return replace(state, interfaces=(*(item for item in state.interfaces if item is not inside[-1]), moved))


def _switch(subject: Subject) -> DeviceState:
    """The last switch with hosts in two VLANs, the first of their ports in the VLAN of another."""
    hosts: dict[str, dict[str, int]] = {}
    for host in subject.fabric.hosts.values():
        hosts.setdefault(host.switch, {})[host.port] = subject.fabric.lans[host.lan].tag
    name, tags = [(name, tags) for name, tags in hosts.items() if len(set(tags.values())) > 1][-1]
    first = next(iter(tags))
    other = next(tag for tag in tags.values() if tag != tags[first])
    bridge = subject.states[name].bridges[0]
    ports = tuple(replace(port, tag=other) if port.name == first else port for port in bridge.ports)
    return replace(subject.states[name], bridges=(replace(bridge, ports=ports), *subject.states[name].bridges[1:]))


def _firewall(subject: Subject) -> DeviceState:
    """The first firewall without the last rule for a row of the register."""
    state = next(state for state in subject.states.values() if state.tables)
    rows = [(table, chain, rule) for table in state.tables for chain in table.chains for rule in chain.rules if rule.id]
    table, chain, rule = rows[-1]
    short = replace(chain, rules=tuple(item for item in chain.rules if item is not rule))
    less = replace(table, chains=tuple(short if item is chain else item for item in table.chains))
    return replace(state, tables=tuple(less if item is table else item for item in state.tables))


CHANGES = {"router": _router, "switch": _switch, "firewall": _firewall}


def main() -> int:
    """Run, print, and say by the exit code whether the targets are met."""
    parser = argparse.ArgumentParser(description="the proof on generated cities")
    parser.add_argument("--sizes", type=int, nargs="*", help="devices; default: all", default=[s for s, _ in SIZES])
    wanted = parser.parse_args().sizes
    results = [measure("yasu", load_city("yasu", DAY))]
    print(results[0].say(), flush=True)
    for devices, rules in SIZES:
        if devices in wanted:
            results.append(measure("city", with_rows(generate_city(devices, SEGMENTS), rules // RULES_A_ROW)))
            print(results[-1].say(), flush=True)
    if len(results) > 2:  # noqa: PLR2004 Yasu and two sizes
        first, last = results[1], results[-1]
        devices, seconds = last.devices / first.devices, last.proving / first.proving
        print(f"×{devices:.1f} devices and rules: ×{seconds:.1f} time to prove")
    missed = [
        f"{r.what} {r.devices}: {what}"
        for r in results
        for what in r.missed(MOST_SECONDS_YASU if r.what == "yasu" else MOST_SECONDS)
    ]
    print(f"TARGETS MISSED: {'; '.join(missed)}" if missed else "targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
