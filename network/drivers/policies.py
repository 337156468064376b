"""What nftables tells: chains as firewall policies, with what their rules have counted."""

from __future__ import annotations

import re
from typing import Any

LIST = "TZ=UTC nft -a list ruleset"
_TABLE = re.compile(r"^table (?P<name>[^{]+) \{")
_CHAIN = re.compile(r"^\tchain (?P<name>[^ ]+) \{")
_RULE = re.compile(r"^\t\t(?P<rule>.+) # handle (?P<handle>[0-9]+)$")
_COUNTER = re.compile(r"counter packets (?P<packets>[0-9]+) bytes (?P<bytes>[0-9]+)")
_COMMENT = re.compile(r' comment "(?P<text>[^"]*)"')
_VERDICT = re.compile(r"\b(accept|drop|reject|return|masquerade|(?:jump|goto|snat|dnat) .+)$")


def policies_of(text: str) -> dict[str, list[dict[str, Any]]]:
    """By "TABLE CHAIN": its rules in order. `id` is the comment, else the handle; hits are -1 without a counter."""
    found: dict[str, list[dict[str, Any]]] = {}
    table = chain = ""
    for line in text.splitlines():
        if match := _TABLE.match(line):
            table = match["name"]
        elif match := _CHAIN.match(line):
            chain = f"{table} {match['name']}"
        elif line.strip() == "}":
            chain = ""
        elif chain and (match := _RULE.match(line)):
            rules = found.setdefault(chain, [])
            rules.append(_rule(len(rules) + 1, match["rule"], match["handle"]))
    return found


def _rule(position: int, rule: str, handle: str) -> dict[str, Any]:
    comment, counter = _COMMENT.search(rule), _COUNTER.search(rule)
    plain = _COMMENT.sub("", rule)
    verdict = _VERDICT.search(plain)
    return {
        "position": position,
        "packet_hits": int(counter["packets"]) if counter else -1,
        "byte_hits": int(counter["bytes"]) if counter else -1,
        "id": comment["text"] if comment else handle,
        "enabled": True,
        "schedule": "Always",
        "log": "all" if re.search(r"\blog\b", plain) else "",
        "l3_src": _after(plain, r"ip6? saddr"),
        "l3_dst": _after(plain, r"ip6? daddr"),
        "service": _after(plain, r"(?:tcp|udp|th) dport")
        or _after(plain, r"(?:meta l4proto|icmp(?:v6)? type)")
        or "any",
        "src_zone": _after(plain, r"iif(?:name)?") or "any",
        "dst_zone": _after(plain, r"oif(?:name)?") or "any",
        "action": verdict[1] if verdict else "",
    }


def _after(rule: str, words: str) -> str:
    """The value after a match, with its `!=` and its set's braces."""
    match = re.search(rf"\b{words} ((?:!= )?(?:\{{[^}}]*\}}|\"[^\"]*\"|[^ ]+))", rule)
    return match[1].replace('"', "") if match else ""
