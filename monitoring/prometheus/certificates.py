"""A lab's own certificates: an authority that lives as long as the lab, and one certificate for each exporter.

The real city's come from its own authority.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from ipaddress import IPv4Address

from cryptography import x509

from deploy import pki

_DAYS = 30


def issue(hosts: Mapping[str, IPv4Address], now: dt.datetime) -> tuple[str, dict[str, pki.Pair]]:
    """The authority's certificate, and host → its own."""
    root = pki.authority("sanso lab", now, _DAYS)
    found = {
        host: pki.issue(root, host, [x509.DNSName(host), x509.IPAddress(address)], now, _DAYS)
        for host, address in hosts.items()
    }
    return root.certificate, found
