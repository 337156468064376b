"""Configuration text from a DeviceState: what its platform prints for it, in one canonical order.

The same state gives the same bytes. What a platform cannot say raises `RenderError`; nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from network.canonical import canonical
from network.render import frr, nftables, openvswitch
from network.render.errors import RenderError
from network.state import DeviceState

RENDERERS: Mapping[str, Callable[[DeviceState], str]] = MappingProxyType(
    {"frr": frr.render, "nftables": nftables.render, "openvswitch": openvswitch.render}
)


def render(state: DeviceState) -> str:
    """The whole configuration text of a device, ending in a newline.

    Raises:
        RenderError: the platform's language has no words for something in `state`.
    """
    return RENDERERS[state.platform](canonical(state))


__all__ = ["RENDERERS", "RenderError", "render"]
