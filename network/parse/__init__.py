"""A DeviceState from configuration text, ours or a running device's.

Every line that is understood becomes state that knows its line, or is on an explicit list of lines that mean nothing
for forwarding. Every other line is handed back in `unknown`, and so is what a running text tells of the device's kernel
beside the configuration. No text makes the parser raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from inventory.model import Platform
from network.canonical import canonical
from network.parse import frr, nftables, openvswitch
from network.parse.source import Source, beside_section
from network.state import DeviceState, Parsed

PARSERS: Mapping[str, Callable[[Source], DeviceState]] = MappingProxyType(
    {"frr": frr.parse, "nftables": nftables.parse, "openvswitch": openvswitch.parse}
)


def parse(platform: Platform, hostname: str, text: str) -> Parsed:
    """Read the configuration `text` of a device.

    Returns:
        The canonical state, with `hostname` as its name, and the lines that were not understood, in their order.
    """
    source = Source(hostname, text)
    state = PARSERS[platform](source)
    return Parsed(canonical(state), source.unknown_lines())


__all__ = ["PARSERS", "beside_section", "parse"]
