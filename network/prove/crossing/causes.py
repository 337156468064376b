"""What causes a finding: elements of configuration that the inventory does not intend, and the lines of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from inventory.origin import Origin
from network.prove.crossing.plant import Element
from network.state import Bgp, DeviceState, Interface, NftRule, NftSet, NftTable, PolicyRule, StaticRoute, SwitchPort


class Intended:
    """The intended states, asked by element. An element is as intended when the device shall have one equal to it."""

    def __init__(self, states: Mapping[str, DeviceState]) -> None:
        self._states = states
        self._known: dict[str, dict[object, list[Element]]] = {}

    def foreign(self, device: str, element: Element) -> bool:
        """Whether the device shall not have this element."""
        return element not in self._like(device, element)

    def lines(self, device: str, elements: Iterable[Element]) -> tuple[Origin, ...]:
        """Where elements are written: in the configuration, then what the inventory says in their place."""
        said = tuple(elements)
        meant = (other.origin for element in said for other in self._like(device, element))
        return _written((*(element.origin for element in said), *meant))

    def table(self, device: str, name: str) -> NftTable | None:
        """The intended table of that name."""
        state = self._states.get(device)
        return next((table for table in state.tables if table.name == name), None) if state else None

    def _like(self, device: str, element: Element) -> list[Element]:
        if device not in self._known:
            found: dict[object, list[Element]] = {}
            state = self._states.get(device)
            for item in _elements(state) if state else ():
                found.setdefault(_key(item), []).append(item)
            self._known[device] = found
        return self._known[device].get(_key(element), [])


def _written(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(origin for origin in origins if origin.line))


def _elements(state: DeviceState) -> Iterator[Element]:
    yield from state.interfaces
    yield from state.bgp
    yield from (route for vrf in state.vrfs for route in vrf.static_routes)
    yield from (rule for item in state.policy_maps for rule in item.rules)
    yield from (port for bridge in state.bridges for port in bridge.ports)


def _key(element: Element) -> object:
    match element:
        case Interface() | SwitchPort():
            return type(element), element.name
        case StaticRoute():
            return StaticRoute, element.prefix
        case PolicyRule():
            return PolicyRule, element.seq
    return Bgp, element.vrf


def sets_of(table: NftTable, rule: NftRule) -> tuple[NftSet, ...]:
    """The named sets that a rule looks into."""
    named = {name for name in (rule.iif, rule.oif, rule.src, rule.dst) if isinstance(name, str)}
    return tuple(item for item in table.sets if f"@{item.name}" in named)
