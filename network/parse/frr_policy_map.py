"""FRR: the rules of policy maps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inventory.origin import Origin
from network.parse import words as w
from network.parse.frr_blocks import Block, Words
from network.state import Network, PolicyRule

HIGHEST_RULE = 700
"""FRR takes no rule with a greater number."""
_HIGHEST_PORT = 65535


class PolicyRuleBlock(Block):
    """`pbr-map X seq 10`."""

    def __init__(self, rules: dict[int, PolicyRule], seq: int, origin: Origin) -> None:
        self._rules = rules
        self._seq = seq
        rules.setdefault(seq, PolicyRule(seq, origin=origin))

    def read(self, words: Words, line: int) -> Block | None:  # noqa: ARG002 every block is asked alike
        rule = self._rules[self._seq]
        match words:
            case ["match", "src-ip", prefix]:
                rule = replace(rule, src=_network(prefix, rule.dst))
            case ["match", "dst-ip", prefix]:
                rule = replace(rule, dst=_network(prefix, rule.src))
            case ["match", "src-port", port]:
                rule = replace(rule, sport=w.number(port, 1, _HIGHEST_PORT))
            case ["match", "dst-port", port]:
                rule = replace(rule, dport=w.number(port, 1, _HIGHEST_PORT))
            case ["match", "ip-protocol", "tcp" | "udp" as protocol]:
                rule = replace(rule, protocol=protocol)
            case ["set", "nexthop", *rest] if rule.vrf is None:
                rule = replace(rule, **_next_hop(rest))
            case ["set", "vrf", name] if not (rule.via or rule.interface):
                rule = replace(rule, vrf=w.name(name))
            case _:
                return None
        self._rules[self._seq] = rule
        return self


def _network(prefix: str, other: Network | None) -> Network:
    """A prefix of the family of the rule's other one."""
    version = 6 if ":" in prefix else 4
    if other is not None and other.version != version:
        raise ValueError(prefix)
    return w.network(prefix, version)


def _next_hop(words: list[str]) -> dict[str, Any]:
    """A next hop takes the place of an earlier one."""
    vrf = None
    match words:
        case [*rest, "nexthop-vrf", name]:
            words, vrf = rest, w.name(name)
    via = None
    if words and (":" in words[0] or (words[0][0].isdigit() and "." in words[0])):
        via = w.address(words[0])
        words = words[1:]
    match words:
        case [] if via is not None:
            interface = ""
        case [name]:
            interface = w.interface_name(name)
        case _:
            raise ValueError(words)
    return {"via": via, "interface": interface, "nexthop_vrf": vrf}
