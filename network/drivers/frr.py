"""The driver `frr`: a router, whose whole configuration is FRR's one text; VRFs and VLAN interfaces follow from it."""

from __future__ import annotations

from .beside import BESIDE, with_beside
from .delta import delta, refreshed
from .platforms import Dialect, dialect
from .routing import RUNNING, RoutingDriver, placed
from .tree import Path, difference, merge, paths, write


class FrrDriver(RoutingDriver):
    """NAPALM driver for FRRouting 8.4 on Debian 12."""

    platform = "frr"
    reading = (RUNNING, BESIDE)

    def _text(self, *told: str) -> str:
        return with_beside(routing_text(told[0]), told[1])

    def _startup(self) -> str:
        return routing_text(self._outputs("cat /etc/frr/frr.conf")[0])

    def _merged(self, running: str, more: str) -> str:
        return merged_routing(running, more)

    def _parts(self, running: str, text: str, more: str | None) -> dict[str, str]:
        del more
        return routing_parts(running, text)

    def _difference(self, running: str, text: str) -> str:
        return routing_difference(running, text)

    def _without_secrets(self, text: str) -> str:
        return _frr().without_secrets(text)


def _frr() -> Dialect:
    return dialect("frr")


def routing_text(shown: str) -> str:
    """FRR's text without the header and footer of `show running-config`, the same for kernel VRFs and netns VRFs."""
    lines = [line.rstrip() for line in placed(shown).splitlines() if not line.startswith(" netns /run/netns/")]
    starts = [number for number, line in enumerate(lines) if line.startswith("Current configuration:")]
    lines = lines[starts[-1] + 1 :] if starts else lines
    while lines and lines[0] in ("", "!"):
        lines.pop(0)
    while lines and lines[-1] in ("", "end"):
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def merged_routing(running: str, more: str) -> str:
    """The running text with more lines merged in."""
    return write(merge(paths(running, _frr()), paths(more, _frr()), _frr()), _frr())


def routing_parts(running: str, text: str) -> dict[str, str]:
    """What `device/frr` needs to go from one text to the other and back."""
    old, new = paths(running, _frr()), paths(text, _frr())
    if not new:
        msg = "no configuration line"
        raise ValueError(msg)
    parts = {
        "new/frr.conf": text,
        "old/frr.conf": running,
        "links": "same\n" if _links(old) == _links(new) else "change\n",
        "ignored": "".join(f"{pattern.pattern}\n" for pattern in _frr().ignored),
        "transparent": "".join(f"{pattern.pattern}\n" for pattern in _frr().transparent),
    }
    for direction, start, end in (("forward", old, new), ("back", new, old)):
        change = delta(start, end, _frr())
        parts[f"{direction}/batch"] = change.batch
        parts[f"{direction}/late"] = change.late
        parts[f"{direction}/after"] = "".join(f"{line}\n" for line in refreshed(change.batch, end))
    return parts


def _links(lines: tuple[Path, ...]) -> set[str]:
    """The VRFs and interfaces that a configuration names."""
    return {path[0] for path in lines if path[0].startswith(("vrf ", "interface "))}


def routing_difference(running: str, text: str) -> str:
    """What changes from one text to the other, for people."""
    return difference(paths(running, _frr()), paths(text, _frr()), _frr())
