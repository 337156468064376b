"""The engine alone, on a simulated city: whatever happens to it, and whenever, the city is whole in the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.journal import Journal, OvertakenError
from inventory.text import Text
from runbooks.drills.diary import Diary
from runbooks.drills.interrupts import Interrupts
from runbooks.drills.standing import AGAIN, PREFIX, Standing, not_restored, open_drill, standing
from tests.runbooks.drills.pretended import DeadError, MortalJournal, Pretended, PretendedCity, begun, drilled


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'journal.db'}"


def rows_of_a_whole_drill(folder: Path) -> int:
    begun(url(folder))
    with MortalJournal(url(folder)) as book:
        assert drilled(book, Pretended(PretendedCity())) == "met"
        return book.written


def told(folder: Path) -> Standing:
    with Journal(url(folder)) as book:
        return standing(book.rows(PREFIX + "d1"))


def test_a_drill_goes_its_way_and_back(tmp_path: Path) -> None:
    city = PretendedCity()
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        assert drilled(book, Pretended(city)) == "met"
    found = told(tmp_path)
    assert city.whole
    assert city.steps == ["report", "off", "decide", "failover", "issue", "keep", "rejoin", "failback"]
    assert list(found.clocks) == ["detected", "decided", "executed", "green"]
    assert found.rollback is not None
    assert found.rollback["success"]
    assert found.healed == {"lost"}


@pytest.mark.long
@pytest.mark.parametrize("after_writing", [False, True])
@pytest.mark.parametrize("how", ["abort", "resume"])
def test_a_death_at_any_row_is_taken_over(tmp_path: Path, how: str, *, after_writing: bool) -> None:
    total = rows_of_a_whole_drill(tmp_path)
    assert total > 30
    die_at(tmp_path, how, range(1, total + 1), total, after_writing=after_writing)


@pytest.mark.parametrize("how", ["abort", "resume"])
def test_a_death_at_some_rows_is_taken_over(tmp_path: Path, how: str) -> None:
    total = rows_of_a_whole_drill(tmp_path)
    die_at(tmp_path, how, range(2, total + 1, 4), total, after_writing=True)


def die_at(tmp_path: Path, how: str, numbers: range, total: int, *, after_writing: bool) -> None:
    """Die at each of these rows, and be taken over."""
    for number in numbers:
        folder = tmp_path / f"{number}"
        folder.mkdir()
        city = PretendedCity()
        begun(url(folder))
        with MortalJournal(url(folder), number, after_writing=after_writing) as book, pytest.raises(DeadError):
            drilled(book, Pretended(city))
        with Journal(url(folder)) as book:
            if open_drill(book) is None:  # it died when all was written
                assert number == total
                continue
            verdict = drilled(book, Pretended(city), abort=how == "abort")
            assert open_drill(book) is None
        assert city.whole, f"row {number}"
        assert verdict in ({"stopped"} if how == "abort" else {"met"}) or told(folder).clocks.get("green"), number
        assert told(folder).end is not None


@pytest.mark.parametrize("code", ["separation", "loss", "blind", "monitoring"])
@pytest.mark.parametrize("phase", ["prepare", "detect", "steps", "green"])
def test_what_may_not_be_stops_it_and_takes_it_back(tmp_path: Path, code: str, phase: str) -> None:
    city = PretendedCity()
    world = Pretended(city)
    world.worse = lambda found: (code, Text("worse", "悪化")) if found.phase == phase else None
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        assert drilled(book, world) == "stopped"
    found = told(tmp_path)
    assert city.whole
    assert found.deviation is not None
    assert (found.deviation["code"], found.deviation["phase"]) == (code, phase)


def test_an_interrupt_takes_it_back(tmp_path: Path) -> None:
    city, interrupts = PretendedCity(), Interrupts()
    world = Pretended(city)

    def interrupt(found: Standing) -> None:
        if "decide" in found.steps:
            interrupts.raise_for(Text("stop", "中断"))

    world.worse = interrupt
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        assert drilled(book, world, interrupts=interrupts) == "stopped"
    assert city.whole
    assert "failback" not in city.steps or not city.promoted
    assert not told(tmp_path).steps["failover"].good


@pytest.mark.parametrize("step", ["decide", "failover"])
def test_a_step_that_is_not_done_takes_it_back(tmp_path: Path, step: str) -> None:
    city = PretendedCity()
    world = Pretended(city)
    world.fails = {step}
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        assert drilled(book, world) == "stopped"
    assert city.whole


def test_a_way_back_that_fails_is_said_to_have_failed(tmp_path: Path) -> None:
    city = PretendedCity()
    world = Pretended(city)
    world.heals = False
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        assert drilled(book, world) == "not-restored"
    found = told(tmp_path)
    assert found.rollback is not None
    assert (found.rollback["success"], found.rollback["green"]) == (False, False)


def test_a_way_back_that_failed_is_tried_again_where_it_failed(tmp_path: Path) -> None:
    city = PretendedCity()
    world = Pretended(city)
    world.fails = {"rejoin"}
    world.measured = {"holes": [1]}
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        assert drilled(book, world) == "not-restored"
        assert open_drill(book) is None
        world.measured = {"holes": []}
        assert again(book, world) == "not-restored"
        world.fails = set()
        assert again(book, world) == "met"
        assert not_restored(book) is None
    found = told(tmp_path)
    first = ["report", "off", "decide", "failover", "issue", "keep", "rejoin", "failback"]
    assert city.steps == [*first, "rejoin", "rejoin"]
    assert [part.good for part in found.failed["rejoin"]] == [False, False]
    assert found.undone["rejoin"].good
    assert [row["how"] for row in found.resumed] == ["again", "again"]
    assert found.end is not None
    assert found.end["measured"] == {"holes": [1]}
    assert found.rollback is not None
    assert found.rollback["success"]


@pytest.mark.parametrize("how", ["abort", "resume"])
def test_a_death_in_a_second_try_is_taken_over(tmp_path: Path, how: str) -> None:
    for number in range(2, 12, 2):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = Pretended(PretendedCity())
        world.fails = {"rejoin"}
        begun(url(folder))
        with Journal(url(folder)) as book:
            assert drilled(book, world) == "not-restored"
        world.fails = set()
        with MortalJournal(url(folder), number) as book:
            try:
                again(book, world)
                continue
            except DeadError:
                assert number > 1
        with Journal(url(folder)) as book:
            found = open_drill(book)
            assert found is not None
            assert drilled(book, world, abort=how == "abort") == "met"
        assert told(folder).deviation is None


def again(book: Journal, world: Pretended) -> str:
    """Take over, as `sanso drill abort` does, a drill that ended without all being as it was."""
    found = not_restored(book)
    assert found is not None
    Diary(book, found.id, found.last, world.now).write("resumed", {"how": AGAIN})
    return drilled(book, world, abort=True)


def test_nothing_is_broken_when_not_all_is_green_before(tmp_path: Path) -> None:
    city = PretendedCity(broken={"something else"})
    begun(url(tmp_path))
    with Journal(url(tmp_path)) as book:
        drilled(book, Pretended(city))
    assert told(tmp_path).faults == {}
    assert city.steps == []


def test_two_do_not_run_the_same_drill(tmp_path: Path) -> None:
    begun(url(tmp_path))
    world = Pretended(PretendedCity())
    with Journal(url(tmp_path)) as book:
        taken = False

        def take(found: Standing) -> None:
            nonlocal taken
            if found.phase == "steps" and not taken:
                taken = True
                book.append(PREFIX + "d1", "drill-resumed", {"how": "abort", "at": world.city.clock})

        world.worse = take
        with pytest.raises(OvertakenError):
            drilled(book, world)
