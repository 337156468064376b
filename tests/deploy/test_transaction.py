from __future__ import annotations

import threading
from pathlib import Path

import pytest
from napalm.base.exceptions import ConnectAuthError, ConnectionException
from simulation import (
    NEW,
    OLD,
    Fault,
    InMemoryJournal,
    SimulatedClock,
    SimulatedDriver,
    Snapshot,
    fleet,
    make_plan,
    make_world,
    run_apply,
    run_recover,
)

from deploy.checks import Check, required
from deploy.device import Station, TroubleError, trouble
from deploy.fleet import Fleet, FleetError, split
from deploy.lock import BusyError, only_one
from deploy.transaction import StaleError, Timing, look_again, rehearse
from inventory.text import Text


def test_a_rehearsal_never_commits_and_leaves_nothing() -> None:
    world = make_world()
    plan = make_plan(tuple(world.devices))
    with fleet(world, plan) as devices:
        diffs = rehearse(devices, plan)
    assert set(diffs) == set(world.devices)
    assert world.running() == {OLD}
    assert not [step for step in world.trace if "commit_config" in step or "confirm" in step]
    assert all(device.candidate is None for device in world.devices.values())


def test_a_rehearsal_tells_who_refuses() -> None:
    world = make_world()
    world.fault = Fault("d1", "load_over", 0, "refuse")
    plan = make_plan(tuple(world.devices))
    with fleet(world, plan) as devices, pytest.raises(FleetError, match=r"d1: .*No space left"):
        rehearse(devices, plan)
    assert all(device.candidate is None for device in world.devices.values())


def test_every_stale_or_silent_device_is_named_at_once() -> None:
    world = make_world(4)
    world.devices["d0"].running = "vrf by-hand\nexit-vrf\n"
    world.devices["d1"].cut = True
    world.devices["d2"].snapshot = Snapshot("other-1", OLD, 1e9)
    plan = make_plan(tuple(world.devices))
    with fleet(world, plan) as devices, pytest.raises(StaleError) as refused:
        look_again(devices, plan)
    told = refused.value.say("en")
    assert "d0: its configuration changed" in told
    assert "d1: 192.0.2.1 does not answer" in told
    assert "d2: commit other-1 is pending" in told
    assert "d3" not in told
    assert "d1" in refused.value.say("ja")


def test_a_device_changed_after_staging_brings_all_back() -> None:
    world = make_world()
    original = SimulatedDriver.commit_config

    def meanwhile(self: SimulatedDriver, message: str = "", revert_in: int | None = None) -> None:
        if self.name == "d0":
            world.devices["d2"].running = "vrf by-hand\nexit-vrf\n"
        original(self, message, revert_in)

    SimulatedDriver.commit_config = meanwhile  # type: ignore[method-assign]
    try:
        outcome = run_apply(world)
    finally:
        SimulatedDriver.commit_config = original  # type: ignore[method-assign]
    assert outcome.side == "old"
    assert world.devices["d0"].running == world.devices["d1"].running == OLD
    assert world.devices["d2"].running == "vrf by-hand\nexit-vrf\n"
    assert list(outcome.unsettled) == ["d2"]
    assert "by hand" in outcome.unsettled["d2"].en
    assert run_recover(world, overwrite=True).unsettled == {}
    assert world.running() == {OLD}


@pytest.mark.parametrize("at", [0.0, 1.0, 3.0])
def test_an_interrupt_goes_back_in_good_order(at: float) -> None:
    world = make_world()
    if at:
        world.devices["d1"].healthy = False
    outcome = run_apply(world, SimulatedClock(world, interrupt_at=at))
    assert outcome.side == "old"
    assert outcome.reason is not None
    assert "Interrupted" in outcome.reason.en
    assert world.running() == {OLD}
    assert not outcome.unsettled


class SlowClock(SimulatedClock):
    """Each look at the clock finds that much time gone."""

    def now(self) -> float:
        self.world.advance(25)
        return self.world.now


def test_confirmation_does_not_start_with_too_little_time_left() -> None:
    world = make_world()
    outcome = run_apply(world, SlowClock(world))
    assert outcome.side in {"old", "new"}
    slower = make_world()
    slower.devices["d1"].healthy = True
    clock = SlowClock(slower)
    clock.now = lambda: (
        slower.advance(Timing().revert_s(3) - 20 if slower.rows[-1].step == "check" else 0),
        slower.now,
    )[1]  # type: ignore[method-assign]
    outcome = run_apply(slower, clock)
    assert outcome.side == "old"
    assert outcome.reason is not None
    assert "left on the revert timers" in outcome.reason.en
    assert not [step for step in slower.trace if "confirm_commit" in step]


def test_the_timer_holds_commit_checks_and_margin() -> None:
    timing = Timing(commit_s=1, check_s=2, margin_s=4)
    assert (timing.revert_s(1), timing.revert_s(33)) == (7, 8)


def test_what_was_red_before_does_not_stop_a_change_but_what_is_new_must_be_green() -> None:
    def check(subject: str, *, known: bool) -> Check:
        return Check(kind="ping", device="d", vrf="", subject=subject, family=4, known=known)

    dead, alive, fresh = check("1", known=True), check("2", known=True), check("3", known=False)
    assert required([dead, alive, fresh], {alive}) == (alive, fresh)


def test_a_line_dead_before_the_change_stays_out_of_the_verdict() -> None:
    world = make_world()
    world.devices["d1"].healthy = False
    assert run_apply(world.clone()).side == "old"
    outcome = run_apply(world, before_red=["d1"])
    assert outcome.side == "new"
    assert world.running() == {NEW}


def test_the_plan_in_the_journal_is_what_recovery_needs() -> None:
    world = make_world()
    run_apply(world)
    journal = InMemoryJournal(world)
    assert journal.plan(journal.rows()[0].body["plan"])


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ConnectAuthError("Authentication failed."), "unreachable", "does not answer"),
        (ConnectionException("timed out"), "unreachable", "timed out"),
        (TimeoutError("timed out"), "unreachable", "timed out"),
        (EOFError(), "unreachable", "EOFError"),
        (ValueError("bad\n line"), "refused", "bad line"),
    ],
)
def test_each_trouble_is_one_sentence(error: Exception, kind: str, words: str) -> None:
    told = trouble(Station("hall-core1", "frr", "10.255.2.1"), error)
    assert told.kind == kind
    assert told.say("en").startswith("hall-core1: ")
    assert words in told.say("en")
    assert "\n" not in told.say("ja")


def test_a_fleet_works_on_all_devices_at_once_and_gives_a_broken_session_up() -> None:
    gate = threading.Barrier(3, timeout=20)
    opened: list[str] = []

    class Session:
        def close(self) -> None:
            pass

    def opener(station: Station) -> Session:
        opened.append(station.name)
        return Session()

    def meet(name: str, _driver: object) -> str:
        gate.wait()
        if name == "b":
            raise ConnectionException
        return name.upper()

    with Fleet([Station(name, "frr", "") for name in "abc"], opener) as devices:  # type: ignore[arg-type]
        good, bad = split(devices.each("abc", Text("", ""), meet))
        assert good == {"a": "A", "c": "C"}
        assert isinstance(bad["b"], TroubleError)
        devices.each("abc", Text("", ""), lambda name, _driver: name)
    assert sorted(opened) == ["a", "b", "b", "c"]


def test_only_one_process_changes_devices(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(BusyError, match="is changing devices"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
