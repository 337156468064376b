"""Every kill, cut and refusal, at every step of a change and its recovery: one side for all, told by the journal."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from napalm.base.exceptions import CommitError
from simulation import APPLY_S, HALF, NEW, OLD, Fault, World, killed_everywhere, make_world, run_apply, run_recover

from deploy.chain import verify
from deploy.record import Progress, progress

METHODS = {
    "pending_commit": 4,
    "get_config": 3,
    "load_over": 1,
    "load_replace_candidate": 1,
    "compare_config": 1,
    "commit_config": 2,
    "observe": 2,
    "confirm_commit": 2,
    "rollback": 2,
    "close_change": 2,
}
"""The calls that a fault is put at, and how many times a change or its recovery makes each on one device, at most."""
MODES = ("cut-before", "cut-after", "blip-before", "blip-after", "refuse")
FAULTS = [
    Fault("d1", method, nth, mode) for method, times in METHODS.items() for nth in range(times) for mode in MODES
] + [Fault("d1", "commit_config", 0, "half")]
SIDES = {OLD: "old", NEW: "new"}


def after_timers(world: World) -> World:
    later = world.clone()
    later.fault = later.journal_full_at = None
    later.advance(APPLY_S + 1)
    return later


def healed(world: World) -> World:
    whole = world.clone()
    whole.fault = whole.journal_full_at = None
    for device in whole.devices.values():
        device.cut = False
        device.tick(whole.now)
    return whole


def story(world: World) -> Progress | None:
    rows = [row for row in world.rows if row.change]
    return progress(rows) if rows else None


def assert_undecided_is_old(world: World) -> None:
    """Without a decision for the new side in the journal, time alone brings every device back."""
    if not any(row.step == "decide" and row.body["side"] == "new" for row in world.rows):
        assert after_timers(world).running() == {OLD}, world.trace[-5:]


def assert_settled(world: World) -> None:
    """Every device runs, and would boot, the one side that the journal names; nothing is pending; the chain holds."""
    verify(world.rows)
    told = story(world)
    assert told is not None
    assert told.ended
    sides = {SIDES[device.running] for device in world.devices.values()}
    assert sides == {told.final or "old"}
    assert all(device.startup == device.running for device in world.devices.values())
    assert all(device.snapshot is None for device in world.devices.values())


_recovered: set[object] = set()


def assert_recovers(world: World) -> None:
    """Once it answers again, one call settles it; before or after the timers run out. Like worlds are tried once."""
    if world.key() in _recovered:
        return
    for start in (healed(world), healed(after_timers(world))):
        if story(start) is None:
            assert start.running() == {OLD}
            continue
        outcome = run_recover(start)
        if outcome is not None:
            assert not outcome.unsettled
        assert_settled(start)
        assert run_recover(start) is None
    _recovered.add(world.key())


def test_an_undisturbed_change_reaches_every_device() -> None:
    world = make_world()
    outcome = run_apply(world)
    assert outcome.side == "new"
    assert world.running() == {NEW}
    assert_settled(world)


@pytest.mark.parametrize("late", [False, True], ids=["killed", "killed, and the last command still arrives"])
def test_killed_anywhere(late: bool) -> None:  # noqa: FBT001 a parameter of the test
    first = make_world()
    first.late_kill = late
    sides = set()
    for world in killed_everywhere(first, run_apply):
        if late and world.late is not None:
            with contextlib.suppress(CommitError):
                world.late()
        assert_undecided_is_old(world)
        assert_recovers(world)
        trial = healed(world)
        if story(trial) is not None:
            run_recover(trial)
            sides |= trial.running()
    assert sides == {OLD, NEW}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.method}-{fault.nth}-{fault.mode}")
def test_a_device_fails_anywhere(fault: Fault) -> None:
    world = make_world()
    world.fault = fault
    outcome = run_apply(world)
    told = story(world)
    assert told is not None
    if told.ended:
        assert not outcome.unsettled
        assert {SIDES[device.running] for device in after_timers(world).devices.values()} == {outcome.side}
    else:
        assert outcome.unsettled
    assert_undecided_is_old(world)
    assert_recovers(world)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.method}-{fault.nth}-{fault.mode}")
def test_a_device_fails_and_the_program_is_killed(fault: Fault) -> None:
    first = make_world(2)
    first.fault = fault
    for world in killed_everywhere(first, run_apply):
        assert_undecided_is_old(world)
        assert_recovers(world)


@pytest.mark.parametrize("count", [2, pytest.param(3, marks=pytest.mark.long)])
def test_recovery_killed_anywhere_again_and_again(count: int) -> None:
    """Every world that kills of a change and of its recoveries can leave behind, walked until no new one turns up."""
    seen: set[object] = set()
    waiting = list(killed_everywhere(make_world(count), run_apply))
    for fault in FAULTS:
        first = make_world(count)
        first.fault = fault
        waiting += killed_everywhere(first, run_apply)
    while waiting:
        world = waiting.pop()
        world.fault = None
        for start in (world.clone(), after_timers(world), healed(world)):
            if start.key() in seen or story(start) is None:
                continue
            seen.add(start.key())
            assert_recovers(start)
            waiting += killed_everywhere(start, run_recover)
    assert len(seen) > 20


@pytest.mark.long
def test_a_device_fails_during_recovery() -> None:
    """Each world a killed change leaves, with each fault in its recovery, and that recovery killed anywhere."""
    seen: set[object] = set()
    for world, late in itertools.product(killed_everywhere(make_world(), run_apply), (False, True)):
        start = after_timers(world) if late else world.clone()
        if start.key() in seen or story(start) is None:
            continue
        seen.add(start.key())
        for fault in FAULTS:
            start.fault = fault
            for left in killed_everywhere(start, run_recover):
                assert_recovers(left)
        start.fault = None


def test_the_journal_fills_up_anywhere() -> None:
    for full_at in range(20):
        world = make_world()
        world.journal_full_at = full_at
        for left in killed_everywhere(world, run_apply):
            assert_undecided_is_old(left)
            assert_recovers(left)


def test_red_checks_bring_everything_back() -> None:
    world = make_world()
    world.devices["d1"].healthy = False
    outcome = run_apply(world)
    assert outcome.side == "old"
    assert outcome.reason is not None
    assert "192.0.2.9" in outcome.reason.en
    assert world.running() == {OLD}
    assert_settled(world)


def test_a_half_applied_commit_never_stays() -> None:
    world = make_world()
    world.fault = Fault("d2", "commit_config", 0, "half")
    run_apply(world)
    assert HALF in world.running()
    assert after_timers(world).running() == {OLD}
