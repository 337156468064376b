"""Faults done by hand on devices of a running lab: the proof of what runs finds them, and a real packet passes."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from seeded import DAY, Fault, Hand, Said, catalogue

from deploy.device import connect
from deploy.fleet import Fleet
from deploy.planning import survey
from inventory.errors import EXIT_FINDINGS, EXIT_OK
from network.fabric import Fabric
from network.lab import Lab
from network.probe import Plan, Settings, measure, plan_of
from network.probe.engine import ANSWERED, ARRIVED
from network.probe.parties import OwnAddress, Party
from network.probe.plan import Probe
from network.prove import Claim, Proof, Prover, Subject, parsed_subject

pytestmark = [pytest.mark.lab, pytest.mark.long]
ROOT = Path(__file__).parents[2]
BY_HAND = [fault for fault in catalogue() if fault.confirmed == "lab"]


class Running:
    """What the devices of the lab run, proved; only those asked for are read again."""

    def __init__(self, lab: Lab, fabric: Fabric) -> None:
        self._lab, self._fabric, self._prover = lab, fabric, Prover()
        self._subject: Subject | None = None

    def proof(self, *devices: str, claim: Claim = "separation") -> Proof:
        with ThreadPoolExecutor(1) as outside:  # its thread stands at the operator station, this one stays here
            read = outside.submit(self._read, devices).result()
        known = self._subject
        if known is not None:
            read = replace(
                read, states={**known.states, **read.states}, unknown={**known.unknown, **read.unknown},
                fabric=known.fabric, intended=known.intended,
            )  # fmt: skip
        self._subject = read
        return self._prover.prove(read, (claim,))

    def _read(self, devices: tuple[str, ...]) -> Subject:
        self._lab.enter_operator()
        access = self._lab.access()
        found = survey(self._fabric.city, lambda all_: Fleet(all_, lambda one: connect(one, access)), devices, DAY)
        subject = parsed_subject(found.fabric, DAY, found.parsed, "running", found.intended)
        return replace(subject, unknown={name: found.parsed[name].unknown for name in found.parsed})


@pytest.fixture(scope="module")
def running(mini_lab_configured: Lab, mini_fabric: Fabric) -> Running:
    running = Running(mini_lab_configured, mini_fabric)
    assert running.proof().proved
    return running


def do(lab: Lab, node: str, command: str, text: str | None = None) -> str:
    done = lab.run(node, ["sh", "-c", command], input=text)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def by_hand(lab: Lab, fault: Fault) -> Iterator[tuple[str, ...]]:
    """The fault by hand, and the devices that it is on; afterwards they are as they were."""
    assert fault.hand
    untold = [name for name in fault.devices if not fault.hand.undo.get(name)]
    before = {name: do(lab, name, "nft -s list ruleset") for name in untold}
    try:
        for device, commands in fault.hand.do.items():
            for command in commands:
                do(lab, device, command)
        yield fault.devices
    finally:
        for device, commands in fault.hand.undo.items():
            for command in commands:
                do(lab, device, command)
        for device, rules in before.items():
            do(lab, device, "nft -f -", f"flush ruleset\n{rules}")


def passes(lab: Lab, fabric: Fabric, hand: Hand) -> bool:
    """Whether the packet arrives, or is answered by a device itself, or the broadcast is heard."""
    plan, said = plan_of(fabric, DAY), hand.packet
    by_name = {party.name: party for party in plan.parties}
    source, wire = by_name[said.source], said.say == "ethernet"
    flows = tuple(probe for probe in plan.wanted if probe.kind == "flow" and probe.row == hand.canary)
    probe = None if wire else _probe(fabric, source, by_name.get(said.target), said)
    small = Plan(plan.parties, flows, (probe,) if probe else (), plan.listeners)
    measured = measure(fabric, small, cache(lab.netns), Settings(settle=0))
    if wire:
        return by_name[said.target].node in measured.heard[source.name]
    return bool(measured.seen[-1] & (ARRIVED if said.target in by_name else ANSWERED))


def _probe(fabric: Fabric, source: Party, target: Party | None, said: Said) -> Probe:
    protocol, _, port = said.say.partition("/")
    there: Party | OwnAddress
    if target is None:
        device = fabric.devices[said.target]
        own = next(item for item in plan_of(fabric, DAY).unwanted if item.target.name.startswith(said.target)).target
        assert isinstance(own, OwnAddress)
        assert own.device == device.name
        there = replace(own, ipv4=IPv4Address(said.at))
    else:
        there = replace(target, ipv4=IPv4Address(said.at)) if said.at else target
    kind = "device" if target is None else "forbidden"
    return Probe(kind, source, there, said.family, protocol, int(port or 0))  # type: ignore[arg-type] # from the catalogue


def has(kind: str) -> bool:
    """Whether this kernel has a kind of interface."""
    words = shlex.split(f"unshare --net ip link add some0 type {kind} remote 192.0.2.2")
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


def sanso_prove(lab: Lab) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "sanso", "--lang", "en", "--lab", "prove", str(ROOT / "tests" / "cities" / "mini"),
         "--running", "--on", str(DAY), "--json"],
        cwd=ROOT, env={**os.environ, "SANSO_STATE": str(lab.folder.parent)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_catalogue_calls_confirmed_what_is_tried_here() -> None:
    by_hand = {fault.id for fault in catalogue() if fault.hand}
    assert {fault.id for fault in catalogue() if fault.confirmed} == by_hand
    assert {fault.id for fault in catalogue() if fault.where == "device"} == by_hand
    joins = {"policy route", "bridge between vlans", "tunnel", "static route into another vrf"}
    assert joins <= {fault.join for fault in BY_HAND}
    assert len(BY_HAND) >= 12
    assert {fault.city for fault in BY_HAND} == {"mini"}


@pytest.mark.parametrize("fault", BY_HAND, ids=lambda fault: fault.id)
def test_a_fault_by_hand_is_found_and_confirmed(
    mini_lab_configured: Lab, mini_fabric: Fabric, running: Running, fault: Fault
) -> None:
    lab = mini_lab_configured
    assert fault.hand
    if fault.hand.needs and not has(fault.hand.needs):
        pytest.skip(f"needs a kernel with {fault.hand.needs}")
    served = fault.claim == "service"
    assert passes(lab, mini_fabric, fault.hand) == served
    with by_hand(lab, fault) as devices:
        keys = {finding.key for finding in running.proof(*devices, claim=fault.claim).open}
        assert passes(lab, mini_fabric, fault.hand) != served
    assert all(any(fnmatchcase(key, wanted) for key in keys) for wanted in fault.finds)
    assert all(any(fnmatchcase(key, wanted) for wanted in fault.finds) for key in keys)
    assert running.proof(*devices, claim=fault.claim).proved


def test_the_command_reads_what_runs(mini_lab_configured: Lab) -> None:
    lab = mini_lab_configured
    assert sanso_prove(lab)[0] == EXIT_OK
    with by_hand(lab, next(fault for fault in BY_HAND if fault.id == "rule-without-a-row")):
        code, told = sanso_prove(lab)
    assert code == EXIT_FINDINGS
    assert told["source"] == "running"
    assert "crossing:lgwan > mynumber" in {finding["key"] for finding in told["findings"]}  # type: ignore[union-attr, index] # JSON
    assert sanso_prove(lab)[0] == EXIT_OK
