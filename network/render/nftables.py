"""nftables firewalls, one text of two sections: what `nft --stateless list ruleset` prints, and FRR's part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory.text import Text
from network.canonical import set_families
from network.nft_names import interface_order, priority_text
from network.render import frr
from network.render.errors import RenderError, interface_name, nothing
from network.render.frr_words import address_text, network_text
from network.render.nft_rule import connection_mark, object_name, rule_text
from network.state import DeviceState, Family, Network, NftChain, NftSet, NftTable

NFT_SECTION = "# ==> /etc/nftables.conf"
FRR_SECTION = "# ==> /etc/frr/frr.conf"

_SET_TYPES = {"ifname": "ifname", "ipv4": "ipv4_addr", "ipv6": "ipv6_addr", "mark": "mark"}
_ELEMENTS_A_LINE = {"ifname": 1, "ipv4": 2, "ipv6": 1, "mark": 5}
_ELEMENTS = Text("the elements of a set", "セットの要素")
_NEXT_LINE = ",\n\t\t\t     "


def render(state: DeviceState) -> str:
    """The two sections of a canonical `state`."""
    nothing(state.bridges, Text("bridges on a firewall", "ファイアウォールでのブリッジ"))
    rules = "".join(line for table in state.tables for line in _table(table))
    return f"{NFT_SECTION}\n{rules}{FRR_SECTION}\n{frr.text_of(state)}"


def _table(table: NftTable) -> Iterator[str]:
    families = set_families(table)
    yield f"table inet {object_name(table.name)} {{\n"
    blocks = [*map(_set, table.sets), *(_chain(chain, families) for chain in table.chains)]
    yield "\n".join(blocks)
    yield "}\n"


def _set(item: NftSet) -> str:
    lines = [f"\tset {object_name(item.name)} {{\n", f"\t\ttype {_SET_TYPES[item.kind]}\n"]
    if item.kind in {"ipv4", "ipv6"}:
        lines.append("\t\tflags interval\n")
    if item.elements:
        lines.append(f"\t\telements = {{ {_wrapped(tuple(_elements(item)), _ELEMENTS_A_LINE[item.kind])} }}\n")
    return "".join([*lines, "\t}\n"])


def _elements(item: NftSet) -> Iterator[str]:
    names = [element for element in item.elements if isinstance(element, str)]
    marks = [element for element in item.elements if isinstance(element, int)]
    networks = [element for element in item.elements if not isinstance(element, str | int)]
    if item.kind == "ifname":
        nothing(networks, Text("prefixes in a set of interfaces", "インターフェースのセットにあるプレフィックス"))
        nothing(marks, Text("marks in a set of interfaces", "インターフェースのセットにあるマーク"))
        yield from (f'"{interface_name(element)}"' for element in sorted(names, key=interface_order))
    elif item.kind == "mark":
        if names or networks:
            raise RenderError(_ELEMENTS, item)
        yield from map(connection_mark, marks)
    else:
        version = 4 if item.kind == "ipv4" else 6
        if names or marks or any(network.version != version for network in networks) or _overlapping(networks):
            raise RenderError(_ELEMENTS, item)
        yield from map(prefix_text, networks)


def _overlapping(networks: list[Network]) -> bool:
    """Whether sorted prefixes overlap: nft refuses them in one set."""
    last = [int(network.broadcast_address) for network in networks]
    return any(int(after.network_address) <= before for before, after in zip(last, networks[1:], strict=False))


def prefix_text(network: Network) -> str:
    """A prefix as nft prints it: a single address without its length."""
    whole = network.prefixlen == network.max_prefixlen
    return address_text(network.network_address) if whole else network_text(network)


def _wrapped(items: tuple[str, ...], a_line: int) -> str:
    rows = (items[start : start + a_line] for start in range(0, len(items), a_line))
    return _NEXT_LINE.join(", ".join(row) for row in rows)


def _chain(chain: NftChain, families: dict[str, Family]) -> str:
    body = [*_hook(chain), *(rule_text(rule, families) for rule in chain.rules)]
    lines = "".join(f"\t\t{line}\n" for line in body)
    return f"\tchain {object_name(chain.name)} {{\n{lines}\t}}\n"


def _hook(chain: NftChain) -> Iterable[str]:
    if bool(chain.kind) != bool(chain.hook) or bool(chain.policy) != bool(chain.hook):
        raise RenderError(Text("a chain", "チェイン"), chain)
    if chain.hook:
        priority = priority_text(chain.hook, chain.priority)
        yield f"type {chain.kind} hook {chain.hook} priority {priority}; policy {chain.policy};"
    else:
        nothing(chain.priority, Text("a priority without a hook", "フックのない優先度"))
