"""The driver `nftables`: a firewall; its text has a section for nftables and one for FRR."""

from __future__ import annotations

import difflib
from typing import Any

from .beside import BESIDE, configuration, with_beside
from .frr import merged_routing, routing_difference, routing_parts, routing_text
from .leavers import leavers
from .platforms import dialect
from .policies import LIST, policies_of
from .routing import RUNNING, RoutingDriver

_RULES = "# ==> /etc/nftables.conf"
_ROUTING = "# ==> /etc/frr/frr.conf"
_HEAD = "#!/usr/sbin/nft -f\nflush ruleset\n"
_RULES_NOW = "TZ=UTC nft --stateless list ruleset"


class NftablesDriver(RoutingDriver):
    """NAPALM driver for a firewall of nftables 1.0 and FRRouting 8.4 on Debian 12."""

    platform = "nftables"
    reading = (_RULES_NOW, RUNNING, BESIDE)

    def _text(self, *told: str) -> str:
        *parts, beside = told
        return with_beside(_joined(*parts), beside)

    def _routing_of(self, text: str) -> str:
        return _sections(configuration(text))[1] if text else ""

    def _startup(self) -> str:
        rules, routing = self._outputs("cat /etc/nftables.conf", "cat /etc/frr/frr.conf")
        return _joined(rules.removeprefix(_HEAD), routing)

    def _merged(self, running: str, more: str) -> str:
        rules, routing = _sections(running)
        _, more_routing = _sections(more, whole=False)
        return _joined(rules, merged_routing(routing, more_routing) if more_routing.strip() else routing)

    def _parts(self, running: str, text: str, more: str | None) -> dict[str, str]:
        rules, routing = _sections(text)
        old_rules, old_routing = _sections(running)
        parts = {**routing_parts(old_routing, routing), "new/nftables.conf": rules}
        parts["old/nftables.conf"] = _HEAD + old_rules
        parts["new/leavers"] = leavers(old_rules, rules)
        if more is not None:
            parts["more/nftables.conf"] = _sections(more, whole=False)[0]
        return parts

    def _as_device_says(self, text: str, answer: str) -> str:
        return _joined(answer, _sections(text)[1])

    def _difference(self, running: str, text: str) -> str:
        old, new = _sections(running), _sections(text)
        rules = difflib.unified_diff(old[0].splitlines(), new[0].splitlines(), lineterm="", n=2)
        changed = [line for line in rules if not line.startswith(("---", "+++"))]
        return "\n".join(part for part in ("\n".join(changed), routing_difference(old[1], new[1])) if part)

    def get_firewall_policies(self) -> dict[str, list[dict[str, Any]]]:
        """By "TABLE CHAIN", with what the rules have counted; see `policies.py`."""
        return policies_of(self._outputs(LIST)[0])

    def _without_secrets(self, text: str) -> str:
        return dialect("frr").without_secrets(text)


def _joined(rules: str, routing: str) -> str:
    return f"{_RULES}\n{rules}{_ROUTING}\n{routing_text(routing)}"


def _sections(text: str, *, whole: bool = True) -> tuple[str, str]:
    """The nftables part and the FRR part.

    Raises:
        ValueError: a section is missing (both are needed when `whole`).
    """
    parts: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.strip() in (_RULES, _ROUTING):
            parts[line.strip()] = []
        elif parts:
            parts[next(reversed(parts))].append(line)
        elif line.strip():
            msg = f"a line before the first section: {line.strip()}"
            raise ValueError(msg)
    for head in (_RULES, _ROUTING):
        if head not in parts and whole:
            msg = f"no line {head}"
            raise ValueError(msg)
    rules, routing = ("".join(f"{line}\n" for line in parts.get(head, ())) for head in (_RULES, _ROUTING))
    return rules, routing
