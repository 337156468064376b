"""What must be green in a fleet that runs given states: neighbours, sessions, and paths to try with pings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from deploy.checks import Check, Kind
from network.state import Address, DeviceState, Family, Interface, Interface_, OspfInterface

POINT_TO_POINT = (31, 127)
_Key = tuple[Kind, str, str, str, Family]


@dataclass(frozen=True, slots=True)
class _Seat:
    """An address on an interface of a device."""

    device: str
    interface: Interface
    address: Interface_

    @property
    def family(self) -> Family:
        return 4 if self.address.version == 4 else 6  # noqa: PLR2004 the version of IPv4

    @property
    def vrf(self) -> str:
        return self.interface.vrf or ""

    @property
    def ospf(self) -> OspfInterface | None:
        """What the address's family speaks on the interface, where it seeks neighbours."""
        spoken = self.interface.ospf if self.family == 4 else self.interface.ospf6  # noqa: PLR2004
        return None if spoken is None or spoken.passive or self.interface.shutdown else spoken


def expected(
    before: Mapping[str, DeviceState],
    after: Mapping[str, DeviceState],
    *,
    asked: Collection[str],
    changed: Collection[str],
) -> tuple[Check, ...]:
    """The checks of a change.

    Args:
        before: what every device that is asked runs now.
        after: what every device of the city shall run.
        asked: the devices in the plan; only they are looked at.
        changed: those whose configuration changes: lines at them are pinged across.

    Returns:
        One check each, sorted. `known` are those that `before` called for too, and those that depend on somebody who
        is not in the plan (an external peer, a device left out): they have to be green after only if they were green
        before.
    """
    old, new = set(_wanted(before, before)), dict.fromkeys(_wanted(after, changed), False)
    for key in _outside(after, asked):
        new[key] = True
    return tuple(
        Check(kind=kind, device=device, vrf=vrf, subject=subject, family=family, known=outside or key in old)
        for key, outside in sorted(new.items())
        for kind, device, vrf, subject, family in [key]
        if device in asked
    )


def _wanted(states: Mapping[str, DeviceState], changed: Collection[str]) -> Iterator[_Key]:
    neighbours = _neighbours(states)
    for here, there in neighbours:
        if here.ospf is not None and there.ospf is not None and here.ospf.area == there.ospf.area:
            yield ("ospf" if here.family == 4 else "ospf6", here.device, here.vrf, here.interface.name, here.family)  # noqa: PLR2004
            if here.ospf.bfd and there.ospf.bfd:
                yield "bfd", here.device, here.vrf, here.interface.name, here.family
        if {here.device, there.device} & set(changed) and _asks(states, here, there):
            yield "ping", here.device, here.vrf, str(there.address.ip), here.family
    yield from _sessions(states, neighbours)
    yield from _gateways(states)


def _asks(states: Mapping[str, DeviceState], here: _Seat, there: _Seat) -> bool:
    """Whether `here` is the end of a line that pings the other: the lower one, but a firewall asks and is not asked."""
    if here.address.network.prefixlen not in POINT_TO_POINT or there.interface.shutdown:
        return False
    silent, mute = (states[seat.device].platform == "nftables" for seat in (there, here))
    return not silent and (mute or here.address.ip.packed < there.address.ip.packed)


def _seats(states: Mapping[str, DeviceState]) -> Iterator[_Seat]:
    for name, state in states.items():
        for interface in state.interfaces:
            for address in interface.addresses:
                yield _Seat(name, interface, address)


def _neighbours(states: Mapping[str, DeviceState]) -> list[tuple[_Seat, _Seat]]:
    """Every two addresses of different devices in the same network, both ways."""
    together: dict[object, list[_Seat]] = {}
    for seat in _seats(states):
        together.setdefault(seat.address.network, []).append(seat)
    return [
        (here, there)
        for seats in together.values()
        for here in seats
        for there in seats
        if here.device != there.device and here.address != there.address
    ]


def _sessions(states: Mapping[str, DeviceState], neighbours: Iterable[tuple[_Seat, _Seat]]) -> Iterator[_Key]:
    """BGP between two devices that name each other, and its BFD."""
    named: dict[tuple[str, Address], str] = {
        (name, neighbor.address): neighbor.bfd
        for name, state in states.items()
        for bgp in state.bgp
        for neighbor in bgp.neighbors
    }
    for here, there in neighbours:
        ours, theirs = (here.device, there.address.ip), (there.device, here.address.ip)
        if ours in named and theirs in named:
            yield "bgp", here.device, here.vrf, str(there.address.ip), here.family
            if named[ours] and named[theirs]:
                yield "bfd", here.device, here.vrf, here.interface.name, here.family


def _gateways(states: Mapping[str, DeviceState]) -> Iterator[_Key]:
    """Pings from each VRF's hub, the router with the most OSPF lines in it, to every LAN gateway of the VRF."""
    lines: dict[tuple[str, str], int] = {}
    gateways: dict[str, list[_Seat]] = {}
    for seat in _seats(states):
        spoken = seat.interface.ospf if seat.family == 4 else seat.interface.ospf6  # noqa: PLR2004
        if spoken is None or not seat.vrf or seat.interface.shutdown:
            continue
        if spoken.passive:
            gateways.setdefault(seat.vrf, []).append(seat)
        else:
            lines[seat.vrf, seat.device] = lines.get((seat.vrf, seat.device), 0) + 1
    for vrf, seats in gateways.items():
        hubs = sorted((-count, device) for (table, device), count in lines.items() if table == vrf)
        for seat in seats:
            if hubs and seat.device != hubs[0][1]:
                yield "ping", hubs[0][1], vrf, str(seat.address.ip), seat.family


def _outside(states: Mapping[str, DeviceState], asked: Collection[str]) -> Iterator[_Key]:
    """Checks that hang on somebody outside the plan: sessions with external peers, lines to devices left out."""
    owned = {seat.address.ip for seat in _seats({name: states[name] for name in states if name in asked})}
    for name in asked:
        for bgp in states[name].bgp:
            for neighbor in bgp.neighbors:
                if neighbor.address not in owned:
                    family: Family = 4 if neighbor.address.version == 4 else 6  # noqa: PLR2004
                    yield "bgp", name, bgp.vrf or "", str(neighbor.address), family
    among = set(_wanted({name: states[name] for name in states if name in asked}, asked))
    yield from (key for key in _wanted(states, asked) if key not in among)
