"""FRR: OSPFv2 and OSPFv3 processes, and the redistribution they share with BGP."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from inventory.text import Text
from network.render.errors import RenderError, interface_name, name
from network.render.frr_words import POLICY_NAME
from network.state import Ospf, Redistribute

_ORDER = ("connected", "static", "ospf", "ospf6", "bgp")
_COMMAND = {4: "ospf", 6: "ospf6"}
_SOURCES = frozenset({"connected", "static", "bgp"})


def process(item: Ospf) -> Iterator[str]:
    """The block of an OSPF process."""
    command = _COMMAND[item.family]
    vrf = f" vrf {interface_name(item.vrf)}" if item.vrf else ""
    yield f"router {command}{vrf}"
    yield f" {command} router-id {item.router_id}"
    for line in redistributed(item.redistribute, _SOURCES):
        yield f" {line}"
    if item.default_originate:
        yield " default-information originate"
    yield "exit"


def redistributed(items: tuple[Redistribute, ...], sources: Collection[str], *, types: bool = True) -> Iterator[str]:
    """`redistribute` lines in FRR's order; `types` tells whether the protocol knows metric types."""
    for item in sorted(items, key=lambda item: _ORDER.index(item.protocol)):
        if item.protocol not in sources or (item.metric_type and not types):
            raise RenderError(Text("a redistribution", "再配布"), item)
        words = ["redistribute", item.protocol]
        if item.metric is not None:
            words.append(f"metric {item.metric}")
        if item.metric_type:
            words.append(f"metric-type {item.metric_type}")
        if item.route_map:
            words.append(f"route-map {name(item.route_map, POLICY_NAME)}")
        yield " ".join(words)
