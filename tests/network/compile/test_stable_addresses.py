"""Adding a site, a VLAN, a device, a circuit or a segment changes no address that was there before."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.generate import generate_city
from inventory.model import AddressPlan4, AddressPlan6, City, Segment
from inventory.values import PortRef
from network.build import build_fabric
from network.fabric import Fabric

CITY = generate_city(40)
SITES = tuple(CITY.sites)
BEFORE = build_fabric(CITY)


def addresses(fabric: Fabric) -> dict[object, object]:
    """Everything that has an address, by name."""
    found: dict[object, object] = {name: device.management for name, device in fabric.devices.items()}
    found |= {name: (lan.ipv4, lan.ipv6, lan.gateway4, lan.gateway6) for name, lan in fabric.lans.items()}
    found |= {(t.wire, t.segment): (t.a.ipv4, t.a.ipv6, t.b.ipv4, t.b.ipv6) for t in fabric.transits}
    found |= {(name, "host"): (host.ipv4, host.ipv6) for name, host in fabric.hosts.items()}
    found |= {(name, "line"): (line.ipv4, line.peer_ipv4) for name, line in fabric.peer_lines.items()}
    return found


def unused(taken: set[int], wish: int, highest: int) -> int:
    return next(n for n in (*range(wish, highest + 1), *range(highest)) if n not in taken)


def with_site(city: City, at: int, number: int) -> City:
    """A copy of a branch under a new number, anywhere among the others."""
    model = city.sites["branch0"]
    site = model.model_copy(update={"number": unused({s.number for s in city.sites.values()}, number, 600)})
    rows = list(city.sites.items())
    rows.insert(at % (len(rows) + 1), ("newcomer", site))
    return city.model_copy(update={"sites": dict(rows)})


def with_vlan(city: City, at: int, number: int) -> City:
    name = SITES[at % len(SITES)]
    site = city.sites[name]
    key, vlan = next(iter(site.vlans.items()))
    new = vlan.model_copy(update={"id": unused({v.id for v in site.vlans.values()}, 2 + number, 1999), "slot": 1})
    vlans = {"newcomer": new, **site.vlans} if number % 2 else {**site.vlans, "newcomer": new}
    assert key != "newcomer"
    return city.model_copy(update={"sites": city.sites | {name: site.model_copy(update={"vlans": vlans})}})


def with_device(city: City, at: int, number: int) -> City:
    name = SITES[at % len(SITES)]
    site = city.sites[name]
    model = next(device for device in site.devices.values() if device.role == "access")
    taken = {device.number for device in site.devices.values()}
    new = model.model_copy(update={"number": unused(taken, 1 + number % 60, 63)})
    devices = {"newcomer": new, **site.devices} if number % 2 else {**site.devices, "newcomer": new}
    return city.model_copy(update={"sites": city.sites | {name: site.model_copy(update={"devices": devices})}})


def with_circuit(city: City, at: int, number: int) -> City:
    taken = {circuit.number for circuit in city.circuits.values()}
    model = city.circuits["dc-a"]
    ends = {"a": PortRef("hall-core1", "eth120"), "b": PortRef("dc-core1", "eth120")}
    new = model.model_copy(update={"number": unused(taken, number, 1000), **ends})
    rows = list(city.circuits.items())
    rows.insert(at % (len(rows) + 1), ("newcomer", new))
    return city.model_copy(update={"circuits": dict(rows)})


def with_segment(city: City, at: int, number: int) -> City:
    taken = {segment.number for segment in city.segments.values()}
    new = Segment(
        number=unused(taken, 1 + number % 90, 99),
        kind="iot",
        title="新しい領域",
        vrf="newcomer",
        ipv4=AddressPlan4.model_validate(
            {"supernet": "10.240.0.0/13", "site_prefix": 23, "transit": "10.247.128.0/17"}
        ),
        ipv6=AddressPlan6.model_validate({"supernet": "fd5a:2:10::/44", "transit": "fd5a:2:1f:ff00::/64"}),
    )
    rows = list(city.segments.items())
    rows.insert(at % (len(rows) + 1), ("newcomer", new))
    return city.model_copy(update={"segments": dict(rows)})


ADDITIONS: tuple[Callable[[City, int, int], City], ...] = (
    with_site,
    with_vlan,
    with_device,
    with_circuit,
    with_segment,
)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(ADDITIONS), st.integers(0, 200), st.integers(0, 500)),
        min_size=1,
        max_size=5,
        unique_by=lambda step: step[0],
    )
)
def test_an_addition_renumbers_nothing(steps: list[tuple[Callable[[City, int, int], City], int, int]]) -> None:
    city = CITY
    for add, at, number in steps:
        city = add(city, at, number)
    before, after = addresses(BEFORE), addresses(build_fabric(city))
    assert before.items() <= after.items()
    assert len(after) > len(before)
