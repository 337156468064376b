"""What passes while some devices of a change are new and others old: told when the way makes it, and only then."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import permutations, product

import pytest
from mutated import DAY, Configurations, Edit

from network.build import build_fabric
from network.fabric import Fabric
from network.prove import Proof, Prover, Subject, texts_subject, transition
from network.prove.crossing.sides import NEW, OLD, Side
from network.prove.filtering.kept import Filters
from network.prove.separation import Separation
from network.prove.transition import Look, Transition

Edits = tuple[Edit, ...]


@pytest.fixture(scope="module")
def mini(mini_fabric: Fabric) -> Configurations:
    return Configurations(mini_fabric)


def on_the_way(mini: Configurations, old: Edits, new: Edits = ()) -> Proof:
    """From the small city with some edits to it with others."""
    before, after = (texts_subject(mini.fabric, DAY, mini.edited(*edits), "files") for edits in (old, new))
    return Prover().prove_transition(before, after)


def swapped(device: str, port: str) -> Edits:
    """The tags of two segments exchanged on a line, at one end of it: right when both ends do so."""
    names = [
        (f"{port}.2001 vrf mynumber", f"{port}.2002 vrf mynumber"),
        (f"{port}.2002 vrf lgwan", f"{port}.2001 vrf lgwan"),
    ]
    return tuple((device, f"interface {a}\n", f"interface {b}\n") for a, b in names)


ENDS = (*swapped("hall-core1", "eth10"), *swapped("dc-core1", "eth10"))


def test_no_change_has_no_way(mini: Configurations) -> None:
    proof = on_the_way(mini, ())
    assert proof.claims == {"separation": "proved"}
    assert proof.proved


@pytest.mark.parametrize("back", [False, True])
def test_two_segments_joined_only_on_the_way(mini: Configurations, back: bool) -> None:  # noqa: FBT001 a parameter of the test
    """Each end alone is right, and both together are; one of each joins My Number and LGWAN."""
    assert [f.kind for f in mini.proof(*swapped("hall-core1", "eth10")).findings]
    proof = on_the_way(mini, () if back else ENDS, ENDS if back else ())
    assert proof.claims == {"separation": "findings"}
    found = {item.subject: item for item in proof.open}
    assert {"mynumber > lgwan", "lgwan > mynumber"} <= set(found)
    what = found["mynumber > lgwan"].what
    assert what.en.startswith("While ")
    assert "hall-core1" in what.en
    assert "dc-core1" in what.en
    assert "変更後" in what.ja


KNOWN = "interface eth10.2001 vrf mynumber\n"
OTHER = "interface eth10.2009 vrf {}\n ip address 10.250.0.1/31\nexit\n!\n"


def spare(vrf: str) -> Edits:
    """A tag that only one end of a line knows, in a VRF of it; beside it an idle tag at the other end of the city."""
    idle = f"interface eth1.2009 vrf {vrf}\n ip address 10.250.0.3/31\nexit\n!\n"
    north = "interface eth1.2001 vrf mynumber\n"
    return (("hall-core1", KNOWN, OTHER.format(vrf) + KNOWN), ("north-edge1", north, idle + north))


def test_one_device_is_never_both(mini: Configurations) -> None:
    """Taken as both at once it would join two segments."""
    assert on_the_way(mini, spare("mynumber"), spare("lgwan")).claims == {"separation": "proved"}


def test_what_cannot_be_looked_at_is_told_as_possible(mini: Configurations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transition, "MOST_LOOKS", 0)
    proof = on_the_way(mini, spare("mynumber"), spare("lgwan"))
    assert {item.subject for item in proof.open} == {"mynumber > lgwan", "lgwan > mynumber"}
    assert proof.open[0].what.en.startswith("Not ruled out")
    assert proof.open[0].what.ja.startswith("機器の切り替わる順序")


def test_what_passes_today_does_not_stop_the_change_that_ends_it(mini: Configurations) -> None:
    """By hand: a port in another segment's VLAN, a static route into another VRF, a rule without a row."""
    port = ("hall-acc1", "eth15 vlan_mode=access tag=301", "eth15 vlan_mode=access tag=101")
    gate = ("hall-core1", "interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet")
    first = "\t\tct state invalid drop\n"
    rule = ("hall-fw1", first, first + "\t\tiifname @zone_internet oifname @zone_mynumber tcp dport 22 accept\n")
    edits = (port, gate, rule)
    assert mini.proof(*edits).open
    assert on_the_way(mini, edits).proved


def test_a_row_that_is_closed_passes_until_its_rules_are_gone(mini_fabric: Fabric) -> None:
    flows = mini_fabric.city.flows
    ended = flows["f004"].model_copy(update={"expires_on": DAY - dt.timedelta(days=1)})
    fabric = build_fabric(mini_fabric.city.model_copy(update={"flows": {**flows, "f004": ended}}))
    old, new = (texts_subject(fabric, DAY, Configurations(f).texts, "files") for f in (mini_fabric, fabric))
    proof = Prover().prove_transition(old, new)
    assert proof.claims == {"separation": "proved"}


def renumbered(*edges: str) -> Edits:
    """Two VLANs of the branch with each other's number, on the switch, the router, or both."""
    found = {
        "north-edge1": (
            ("interface eth2.110 vrf mynumber\n", "interface eth2.x vrf mynumber\n"),
            ("interface eth2.210 vrf lgwan\n", "interface eth2.110 vrf lgwan\n"),
            ("interface eth2.x vrf mynumber\n", "interface eth2.210 vrf mynumber\n"),
        ),
        "north-acc1": tuple(
            (f"eth{port} vlan_mode=access tag={old}", f"eth{port} vlan_mode=access tag={new}")
            for ports, old, new in (((5, 6), 110, 210), (range(9, 15), 210, 110))
            for port in ports
        ),
    }
    return tuple((device, *edit) for device in edges for edit in found[device])


@pytest.mark.parametrize("back", [False, True])
def test_vlans_that_change_their_numbers(mini: Configurations, back: bool) -> None:  # noqa: FBT001 a parameter of the test
    """Machines of one segment meet the gateway of another while only one of the two devices has changed."""
    both = renumbered("north-edge1", "north-acc1")
    proof = on_the_way(mini, () if back else both, both if back else ())
    assert {item.subject for item in proof.open} == {"mynumber > lgwan", "lgwan > mynumber"}
    assert {hop.node for item in proof.open for hop in item.hops} >= {"north-edge1", "north-acc1"}


def test_lines_that_were_not_understood_leave_the_way_open(mini: Configurations) -> None:
    tunnel = "interface eth10.2001 vrf mynumber\n"
    unknown = ("hall-core1", tunnel, f"ip import-table 5\n{tunnel}")
    proof = on_the_way(mini, (unknown, *renumbered("north-edge1", "north-acc1")[:1]))
    assert proof.claims == {"separation": "not-proved"}
    assert not proof.open


def test_one_device_alone_has_nothing_in_between(mini: Configurations) -> None:
    assert on_the_way(mini, swapped("hall-core1", "eth10")).proved


FIRST = "\t\tct state invalid drop\n"
SPOILS: tuple[Edits, ...] = (
    swapped("hall-core1", "eth10"),
    swapped("dc-core1", "eth10"),
    swapped("hall-core1", "eth11"),
    swapped("north-edge1", "eth1"),
    renumbered("north-edge1"),
    renumbered("north-acc1"),
    (("hall-acc1", "eth15 vlan_mode=access tag=301", "eth15 vlan_mode=access tag=101"),),
    (("hall-core1", "interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet"),),
    (("hall-fw1", FIRST, FIRST + "\t\tiifname @zone_internet oifname @zone_mynumber tcp dport 22 accept\n"),),
    (("hall-fw1", "\t\tjump antispoof\n", ""),),
)


def spoilt(mini: Configurations, chance: random.Random) -> Subject:
    texts = dict(mini.texts)
    for edits in SPOILS:
        if chance.random() < 0.4:
            for device, old, new in edits:
                texts[device] = texts[device].replace(old, new, 1)
    return texts_subject(mini.fabric, DAY, texts, "files")


def mixtures(tried: Transition) -> Iterator[dict[str, Side]]:
    names = list(tried.sides.changing)
    for sides in product((OLD, NEW), repeat=len(names)):
        if len(set(sides)) > 1:
            yield dict(zip(names, sides, strict=True))


def keys(look: Look) -> set[str]:
    return {item.finding.key for item in look.seen}


@pytest.mark.parametrize("seed", range(12))
def test_as_if_every_mixture_were_looked_at(mini: Configurations, seed: int) -> None:
    """Nothing is told that no mixture shows, and whatever one shows that neither end has is told."""
    chance = random.Random(seed)  # noqa: S311 a test's choices
    tried = Transition(Separation(Filters()), spoilt(mini, chance), spoilt(mini, chance))
    told = {finding.key for finding in tried.prove()[1]}
    today, planned = (tried.look(dict.fromkeys(tried.sides.changing, side)) for side in (OLD, NEW))
    joined = {
        f"crossing:{one} > {other}"
        for zones in today.plant.areas.zones.values()
        for one, other in permutations(zones, 2)
    }
    shown = set().union(*(keys(tried.look(mixture)) for mixture in mixtures(tried)))
    assert told <= shown
    assert shown - keys(today) - joined - keys(planned) <= told


@pytest.mark.parametrize("most", [0, 1, 2, 4])
@pytest.mark.parametrize("seed", range(4))
def test_with_fewer_looks_nothing_is_called_proved_and_only_what_was_seen_is_called_certain(
    mini: Configurations, seed: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311 a test's choices
    tried = Transition(Separation(Filters()), spoilt(mini, chance), spoilt(mini, chance))
    exact = {finding.key for finding in tried.prove()[1]}
    monkeypatch.setattr(transition, "MOST_LOOKS", most)
    verdict, found = tried.prove()
    assert {finding.key for finding in found if finding.what.en.startswith("While ")} <= exact
    assert verdict != "proved" or not exact


SPARE = {
    "hall-core1": ("interface eth1\n", "interface eth20.2001 vrf mynumber\n ip address 10.250.1.1/31\nexit\n!\n"),
    "hall-core2": ("interface eth1\n", "interface eth20.2001 vrf mynumber\n ip address 10.250.2.1/31\nexit\n!\n"),
    "dc-core1": ("interface eth2\n", "interface eth20.2001 vrf mynumber\n ip address 10.250.3.1/31\nexit\n!\n"),
    "north-edge1": ("interface eth1\n", "interface eth7.2001 vrf mynumber\n ip address 10.250.4.1/31\nexit\n!\n"),
    "hall-fw1": ("\t\tct state invalid drop\n", '\t\tiifname "eth9" drop\n'),
    "dc-fw1": ("\t\tct state invalid drop\n", '\t\tiifname "eth9" drop\n'),
}
"""Something harmless at every router and firewall: what stands there, and what comes before it."""
TRUNKS = {"hall-acc1": "101,201,202,301", "dc-acc1": "102,202", "north-acc1": "110,210"}
EVERYWHERE: Edits = (
    *((device, old, new + old) for device, (old, new) in SPARE.items()),
    *((device, f"trunks={tags}", f"trunks={tags},777") for device, tags in TRUNKS.items()),
)


class Looks:
    """Counts the mixtures that are looked at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fixed: list[dict[str, Side]] = []
        look = Transition.look

        def counted(tried: Transition, fixed: dict[str, Side]) -> Look:
            self.fixed.append(dict(fixed))
            return look(tried, fixed)

        monkeypatch.setattr(Transition, "look", counted)


def way_of(mini: Configurations, old: Edits, new: Edits) -> Transition:
    before, after = (texts_subject(mini.fabric, DAY, mini.edited(*edits), "files") for edits in (old, new))
    return Transition(Separation(Filters()), before, after)


@pytest.mark.parametrize("back", [False, True])
def test_all_512_mixtures_of_nine_devices_are_proved_by_one_look(
    mini: Configurations,
    back: bool,  # noqa: FBT001 a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = way_of(mini, EVERYWHERE if back else (), () if back else EVERYWHERE)
    assert set(tried.sides.changing) == set(mini.texts)
    assert len(mini.texts) == 9
    looks = Looks(monkeypatch)
    assert tried.prove() == ("proved", ())
    assert looks.fixed == [{}]


def test_what_two_of_nine_devices_join_on_the_way_is_found(
    mini: Configurations, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = way_of(mini, (), (*ENDS, *EVERYWHERE))
    assert len(tried.sides.changing) == 9
    looks = Looks(monkeypatch)
    verdict, found = tried.prove()
    assert verdict == "findings"
    what = {finding.subject: finding.what.en for finding in found}["mynumber > lgwan"]
    assert "hall-core1" in what.partition(":")[0]
    assert "dc-core1" in what.partition(":")[0]
    assert len(looks.fixed) <= transition.MOST_LOOKS


def test_one_device_of_nine_is_never_both(mini: Configurations, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tuple(edit for edit in EVERYWHERE if edit[0] not in {"hall-core1", "north-edge1"})
    tried = way_of(mini, spare("mynumber"), (*spare("lgwan"), *kept))
    assert len(tried.sides.changing) == 9
    looks = Looks(monkeypatch)
    assert tried.prove() == ("proved", ())
    assert len(looks.fixed) <= 2 + 2 * 2 + 4
