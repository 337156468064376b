"""Hypothesis strategies for what device states are made of: names, texts, addresses, prefixes, tunnels."""

from __future__ import annotations

import string
from collections.abc import Callable
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Any

from hypothesis import strategies as st

from network.state import Tunnel

# Policies may be called almost anything; objects of nftables must not be called like its keywords.
names = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,11}\Z")
object_names = st.from_regex(r"\Ax_[A-Za-z0-9_.-]{0,8}\Z")
vrf_names = st.sampled_from(["mynumber", "lgwan", "internet", "school"])
interface_names = st.one_of(
    st.integers(1, 128).map(lambda number: f"eth{number}"),
    st.tuples(st.integers(1, 128), st.integers(2, 4094)).map(lambda pair: f"eth{pair[0]}.{pair[1]}"),
)
_signs = string.ascii_letters + string.digits + "市民課窓口　・（）-_/:,.'!#?&$\\;{}"


def texts(without: str = "") -> st.SearchStrategy[str]:
    """One line in single blanks."""
    signs = "".join(sign for sign in _signs if sign not in without)
    return st.text(f"{signs} ", max_size=30).map(lambda text: " ".join(part for part in text.split(" ") if part))


descriptions = texts()
quoted = texts("\\")
addresses4 = st.integers(0, 2**32 - 1).map(IPv4Address)
addresses6 = st.integers(0, 2**128 - 1).map(IPv6Address)
addresses = st.one_of(addresses4, addresses6)
networks4 = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda pair: IPv4Network(pair, strict=False))
networks6 = st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(lambda pair: IPv6Network(pair, strict=False))
networks = st.one_of(networks4, networks6)
interfaces4 = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(IPv4Interface)
interfaces6 = st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(IPv6Interface)

numbers32 = st.integers(1, 2**32 - 1)
families = st.sampled_from([4, 6])


def unique(
    elements: st.SearchStrategy[Any], key: Callable[[Any], object], most: int = 3
) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(elements, max_size=most, unique_by=key).map(tuple)


tunnels = st.builds(
    Tunnel,
    kind=st.sampled_from(["geneve", "gre", "vxlan"]),
    remote=addresses,
    key=st.none() | st.integers(0, 2**24 - 1),
)
