"""Ports: they exist on their device, and each holds one cable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.checks.finding import Path, problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.model import Site
from inventory.text import Text
from inventory.values import PortSpan
from inventory.words import same, subject


@dataclass(frozen=True, slots=True)
class Use:
    """A port taken by an element."""

    device: str
    """Full name."""
    number: int
    path: Path
    """Where the port is written; its element is one table and name shorter."""
    owner: Path


def uses(survey: Survey) -> Iterator[Use]:
    """Every port that is taken, in the order of the inventory."""
    for s, site in survey.city.sites.items():
        yield from _in_site(survey, s, site)
    for key, circuit in survey.city.circuits.items():
        owner: Path = ("circuits", key)
        for end, port in (("a", circuit.a), ("b", circuit.b)):
            yield Use(port.device, _number(port.port), (*owner, end), owner)
    for p, peer in survey.city.peers.items():
        for key, attachment in peer.attachments.items():
            owner = ("peers", p, "attachments", key)
            yield Use(attachment.device.device, _number(attachment.device.port), (*owner, "device"), owner)


def _in_site(survey: Survey, s: str, site: Site) -> Iterator[Use]:
    for key, link in site.links.items():
        owner: Path = ("sites", s, "links", key)
        for end, port in (("a", link.a), ("b", link.b)):
            yield Use(f"{s}-{port.device}", _number(port.port), (*owner, end), owner)
    for key, server in site.servers.items():
        owner = ("sites", s, "servers", key)
        yield Use(f"{s}-{server.switch}", _number(server.port), (*owner, "port"), owner)
    for key, terminals in site.terminals.items():
        owner = ("sites", s, "terminals", key)
        for number in _numbers(terminals.ports, survey.devices[f"{s}-{terminals.switch}"][2].ports):
            yield Use(f"{s}-{terminals.switch}", number, (*owner, "ports"), owner)


def ports_exist(survey: Survey) -> Iterator[Finding]:
    """No cable ends on a port the device does not have."""
    told: set[Path] = set()
    for use in uses(survey):
        have = survey.devices[use.device][2].ports
        if use.number <= have or use.path in told:
            continue
        told.add(use.path)
        yield problem(
            "port-missing",
            use.path,
            Text(f"{use.device} has no port eth{use.number}", f"{use.device} にポート eth{use.number} はありません"),
            expected=same("eth1" if have == 1 else f"eth1 … eth{have}"),
            found=same(f"eth{use.number}"),
            hint=_free(survey, use.device),
        )


def ports_once(survey: Survey) -> Iterator[Finding]:
    """No two cables on one port."""
    first: dict[tuple[str, int], Use] = {}
    told: set[tuple[Path, Path]] = set()
    for use in uses(survey):
        other = first.setdefault((use.device, use.number), use)
        if other is use or (use.path, other.path) in told:
            continue
        told.add((use.path, other.path))
        holder = subject(other.owner)
        yield problem(
            "port-twice",
            use.path,
            Text(
                f"port eth{use.number} of {use.device} is taken",
                f"{use.device} のポート eth{use.number} は使用済みです",
            ),
            expected=Text("one cable on each port", "1 つのポートに 1 本"),
            found=Text(f"also used by {holder.en}", f"{holder.ja} でも使用"),
            hint=_free(survey, use.device),
        )


def _free(survey: Survey, device: str) -> Text | None:
    taken = {use.number for use in uses(survey) if use.device == device}
    free = [number for number in range(1, survey.devices[device][2].ports + 1) if number not in taken]
    return Text(f"free: eth{free[0]}", f"空きポート: eth{free[0]}") if free else None


def _number(port: str) -> int:
    return int(port.removeprefix("eth"))


def _numbers(span: PortSpan, have: int) -> range:
    """The ports of a span, no further than one beyond what the device has."""
    return range(span.low, max(span.low, min(span.high, have + 1)) + 1)
