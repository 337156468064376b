"""A prover that is asked again answers as a fresh one does, whatever has changed in between."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import active_children
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import TypeVar

import pytest

from inventory.generate import generate_city
from inventory.loader import load_city
from network.build import build_fabric
from network.canonical import canonical
from network.parse import parse
from network.prove import Prover, Subject, compiled_subject, prove
from network.prove.apart import apart
from network.render import render
from network.state import DeviceState, NftRule

DAY = dt.date(2026, 11, 20)
MINI = Path(__file__).parents[2] / "cities" / "mini"
CHANGES = 4

Row = TypeVar("Row")
Change = Callable[[DeviceState, random.Random], DeviceState]


def without(rows: tuple[Row, ...], draw: random.Random) -> tuple[Row, ...]:
    """One row less."""
    place = draw.randrange(len(rows))
    return (*rows[:place], *rows[place + 1 :])


def moved(state: DeviceState, draw: random.Random) -> DeviceState:
    """An interface in the VRF of another, out of OSPF, or shut down."""
    if not state.interfaces:
        return state
    one, other = draw.choices(state.interfaces, k=2)
    new = draw.choice([replace(one, vrf=other.vrf), replace(one, ospf=None), replace(one, shutdown=not one.shutdown)])
    return replace(state, interfaces=tuple(new if row is one else row for row in state.interfaces))


def unspoken(state: DeviceState, draw: random.Random) -> DeviceState:
    """A BGP process with one neighbour or network less."""
    if not state.bgp:
        return state
    process = draw.choice(state.bgp)
    if process.networks and draw.random() < 0.5:
        new = replace(process, networks=without(process.networks, draw))
    elif process.neighbors:
        new = replace(process, neighbors=without(process.neighbors, draw))
    else:
        return state
    return replace(state, bgp=tuple(new if row is process else row for row in state.bgp))


def misrouted(state: DeviceState, draw: random.Random) -> DeviceState:
    """A VRF without one of its static routes, or a prefix list without one of its entries."""
    vrfs = [vrf for vrf in state.vrfs if vrf.static_routes]
    if vrfs and draw.random() < 0.5:
        vrf = draw.choice(vrfs)
        new = replace(vrf, static_routes=without(vrf.static_routes, draw))
        return replace(state, vrfs=tuple(new if row is vrf else row for row in state.vrfs))
    if not state.prefix_lists:
        return state
    item = draw.choice(state.prefix_lists)
    short = replace(item, entries=without(item.entries, draw))
    return replace(state, prefix_lists=tuple(short if row is item else row for row in state.prefix_lists))


def unruled(state: DeviceState, draw: random.Random) -> DeviceState:
    """A chain with one rule less."""
    if not state.tables:
        return state
    table = draw.choice(state.tables)
    chain = draw.choice([chain for chain in table.chains if chain.rules])
    new = replace(chain, rules=without(chain.rules, draw))
    chains = tuple(new if row is chain else row for row in table.chains)
    return replace(state, tables=tuple(replace(row, chains=chains) if row is table else row for row in state.tables))


def unplugged(state: DeviceState, draw: random.Random) -> DeviceState:
    """A bridge with one port less."""
    if not state.bridges:
        return state
    bridge = draw.choice(state.bridges)
    new = replace(bridge, ports=without(bridge.ports, draw))
    return replace(state, bridges=tuple(new if row is bridge else row for row in state.bridges))


KINDS: tuple[Change, ...] = (moved, moved, unspoken, misrouted, unruled, unplugged)


def changed(subject: Subject, first: Subject, draw: random.Random) -> Subject:
    """A few devices of a subject changed, one taken away, or one back in its first state."""
    states = dict(subject.states)
    for _ in range(draw.choice([1, 1, 2])):
        central = [name for name, state in states.items() if state.bgp or state.tables]
        name = draw.choice(draw.choice([sorted(first.states), central or sorted(first.states)]))
        if name not in states or draw.random() < 0.2:
            states[name] = first.states[name]
        elif draw.random() < 0.05:
            del states[name]
        else:
            for change in draw.sample(KINDS, 3):
                states[name] = change(states[name], draw)
    return replace(subject, states=states)


@pytest.mark.parametrize("seed", range(4))
def test_asked_again_it_answers_as_a_fresh_prover(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 a test's dice
    city = load_city(MINI, DAY) if seed % 2 else generate_city(30 + seed, 6)
    first = subject = compiled_subject(build_fabric(city), DAY)
    kept = Prover()
    assert kept.prove(subject) == prove(subject)
    for _ in range(CHANGES):
        subject = changed(subject, first, draw)
        assert kept.prove(subject) == prove(subject)


def with_one_changed(subject: Subject, name: str, draw: random.Random) -> Subject:
    """The subject with one device changed in its text and read anew, so that its lines have other numbers, too."""
    state = subject.states[name]
    for change in draw.sample(KINDS, draw.choice([1, 2, 4])):
        state = change(state, draw)
    return read_anew(subject, state)


@pytest.mark.parametrize("seed", range(6))
def test_after_one_device_was_changed_it_answers_as_a_fresh_prover(seed: int) -> None:
    draw = random.Random(100 + seed)  # noqa: S311 a test's dice
    city = load_city(MINI, DAY) if seed % 2 else generate_city(40 + seed, 6)
    first = compiled_subject(build_fabric(city), DAY)
    kept, fresh = Prover(), prove(first)
    assert kept.prove(first) == fresh
    routers = [name for name, state in first.states.items() if len(state.vrfs) > 1]
    for names in (routers, routers, sorted(first.states), routers):
        changed_ = with_one_changed(first, draw.choice(names), draw)
        assert kept.prove(changed_) == prove(changed_)
    assert kept.prove(first) == fresh


def test_after_a_router_shut_a_wire_what_is_behind_it_is_asked_again() -> None:
    first = compiled_subject(build_fabric(generate_city(40, 6)), DAY)
    kept = Prover()
    kept.prove(first)
    draw = random.Random(5)  # noqa: S311 a test's dice
    wires = [wire for wire in first.fabric.wires.values() if wire.kind == "routed"]
    lost = 0
    for wire in draw.sample(wires, 8):
        state = first.states[wire.a.device]
        shut = tuple(
            replace(row, shutdown=True) if row.name.partition(".")[0] == wire.a.port else row
            for row in state.interfaces
        )
        without = replace(first, states={**first.states, wire.a.device: replace(state, interfaces=shut)})
        proof = prove(without)
        assert kept.prove(without) == proof
        lost += proof.claims["service"] == "findings"
    assert 0 < lost < len(wires)


def reordered(state: DeviceState, draw: random.Random) -> DeviceState:
    """The rules of a chain in another order, one of them twice."""
    return _with_rules(state, draw, lambda rules: (*draw.sample(rules, len(rules)), draw.choice(rules)))


def other_port(state: DeviceState, draw: random.Random) -> DeviceState:
    """A rule for other ports."""

    def moved_port(rules: tuple[NftRule, ...]) -> tuple[NftRule, ...]:
        ported = [place for place, rule in enumerate(rules) if rule.dports]
        if not ported:
            return rules
        place = draw.choice(ported)
        return (*rules[:place], replace(rules[place], dports=((7, 8),)), *rules[place + 1 :])

    return _with_rules(state, draw, moved_port)


def closed(state: DeviceState, _: random.Random) -> DeviceState:
    """TCP is dropped before all else."""
    rule = NftRule(verdict="drop", protocol="tcp")
    tables = tuple(
        replace(
            table,
            chains=tuple(
                replace(chain, rules=(rule, *chain.rules)) if chain.hook == "forward" else chain
                for chain in table.chains
            ),
        )
        for table in state.tables
    )
    return replace(state, tables=tables)


def other_set(state: DeviceState, draw: random.Random) -> DeviceState:
    """A set with one element less."""
    table = draw.choice(state.tables)
    sets = [item for item in table.sets if item.elements]
    item = draw.choice(sets)
    short = replace(item, elements=without(item.elements, draw))
    less = replace(table, sets=tuple(short if row is item else row for row in table.sets))
    return replace(state, tables=tuple(less if row is table else row for row in state.tables))


def _with_rules(
    state: DeviceState, draw: random.Random, change: Callable[[tuple[NftRule, ...]], tuple[NftRule, ...]]
) -> DeviceState:
    table = draw.choice(state.tables)
    chain = draw.choice([chain for chain in table.chains if chain.rules])
    chains = tuple(replace(row, rules=change(row.rules)) if row is chain else row for row in table.chains)
    return replace(state, tables=tuple(replace(row, chains=chains) if row is table else row for row in state.tables))


@pytest.mark.parametrize("seed", range(6))
def test_after_the_rules_of_a_firewall_changed_it_answers_as_a_fresh_prover(seed: int) -> None:
    draw = random.Random(200 + seed)  # noqa: S311 a test's dice
    city = load_city(MINI, DAY) if seed % 2 else generate_city(30 + seed, 6)
    first = subject = compiled_subject(build_fabric(city), DAY)
    kept = Prover()
    firewalls = [name for name, state in first.states.items() if state.tables]
    for _ in range(6):
        name = draw.choice(firewalls)
        state = subject.states[name] if draw.random() < 0.7 else first.states[name]
        for change in draw.sample([unruled, unruled, other_port, other_set, closed, reordered], draw.choice([1, 1, 2])):
            state = change(state, draw)
        subject = read_anew(subject, state)
        assert kept.prove(subject) == prove(subject)
    for name in firewalls:
        subject = read_anew(subject, replace(first.states[name], tables=()))
        assert kept.prove(subject) == prove(subject)
        subject = read_anew(subject, closed(first.states[name], draw))
        assert kept.prove(subject) == (proof := prove(subject))
    assert proof.claims["service"] == "findings"
    assert kept.prove(first) == prove(first)


def read_anew(subject: Subject, state: DeviceState) -> Subject:
    """The subject with another state of a device, read from its text."""
    read = parse(state.platform, state.hostname, render(canonical(state))).state
    return replace(subject, states={**subject.states, state.hostname: read})


def test_a_large_city_is_proved_in_two_processes_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(7)  # noqa: S311 a test's dice
    city = compiled_subject(build_fabric(generate_city(40, 6)), DAY)
    monkeypatch.setattr("network.prove.proof.MANY", 1)
    for _ in range(4):
        subject = changed(city, city, draw)
        assert prove(subject) == Prover().prove(subject)
        assert prove(subject, ("resilience", "service")) == Prover().prove(subject, ("resilience", "service"))
        assert prove(subject, ("separation",)) == Prover().prove(subject, ("separation",))


def test_when_the_second_process_dies_the_first_does_its_work() -> None:
    here = os.getpid()

    def work() -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    with apart(work) as result:
        assert result() == here


def test_the_second_process_ends_with_the_block() -> None:
    with apart(lambda: time.sleep(600)):
        children = active_children()
        assert len(children) == 1
    assert not children[0].is_alive()


def test_an_interrupt_at_the_start_of_the_second_process_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    start = ForkProcess.start

    def interrupted(process: ForkProcess) -> None:
        assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        start(process)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ForkProcess, "start", interrupted)
    with pytest.raises(KeyboardInterrupt), apart(lambda: time.sleep(600)):
        pytest.fail("the interrupt came to nothing")
    assert not active_children()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_the_second_process_does_not_outlive_a_first_that_was_killed() -> None:
    script = """
import os, signal
from multiprocessing import active_children
from network.prove.apart import apart
with apart(lambda: bytes(10**7)):
    assert active_children()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", script]  # its output ends when both have ended
    killed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
