"""Secrets that are made, not chosen: passwords, the city's certificate authority, and the certificates it issues."""

from __future__ import annotations

import datetime as dt
import secrets as randomness
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address

from cryptography import x509

from deploy import pki
from deploy.servers.compile import server_texts
from deploy.servers.sealer import SEAL_KEY
from network.fabric import Fabric, Host

CA_DAYS, SERVER_DAYS, RENEW_DAYS = 3650, 825, 60
_CA_KEY, _CA = "ca.key", "ca.crt"


def required(fabric: Fabric) -> frozenset[str]:
    """The secrets that a city's servers need."""
    used = frozenset(name for text in server_texts(fabric).values() for name in text.secrets)
    return used | {SEAL_KEY} | ({_CA_KEY} if _CA in used else frozenset())


def completed(fabric: Fabric, have: Mapping[str, str], now: dt.datetime) -> dict[str, str]:
    """`have` and what is missing of it. What is there stays, but for certificates of a server that are used up.

    A certificate is used up when it ends within 60 days or names other addresses than the server has.
    """
    found = dict(have)
    names = required(fabric)
    if _CA in names and _CA not in found:
        made = pki.authority(f"{fabric.city.title} sanso CA", now, CA_DAYS)
        found[_CA_KEY], found[_CA] = made.key, made.certificate
    for name in sorted(names):
        service, _, rest = name.partition(".")
        host = fabric.hosts.get(rest.removesuffix(".crt")) if name.endswith(".crt") else None
        if host is not None:
            names_there = _names(fabric, host)
            if name not in found or _used_up(found[name], names_there, now):
                issuer = pki.Pair(found[_CA], found[_CA_KEY])
                made = pki.issue(issuer, f"{host.name}.{fabric.city.domain}", names_there, now, SERVER_DAYS)
                found[f"{service}.{host.name}.key"], found[name] = made.key, made.certificate
        elif name not in found and not name.endswith(".key"):
            found[name] = randomness.token_urlsafe(24)
    return found


def _names(fabric: Fabric, host: Host) -> list[x509.GeneralName]:
    addresses: Iterable[IPv4Address | IPv6Address] = (host.ipv4.ip, host.ipv6.ip)
    full = x509.DNSName(f"{host.name}.{fabric.city.domain}")
    return [full, x509.DNSName(host.name), *(x509.IPAddress(address) for address in addresses)]


def _used_up(pem: str, names: list[x509.GeneralName], now: dt.datetime) -> bool:
    there = x509.load_pem_x509_certificate(pem.encode())
    named = there.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(named) != names or there.not_valid_after_utc - now < dt.timedelta(days=RENEW_DAYS)
