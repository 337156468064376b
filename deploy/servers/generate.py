"""Secrets that are made, not chosen: passwords, the city's certificate authority, and the certificates it issues."""

from __future__ import annotations

import datetime as dt
import secrets as randomness
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

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
        found[_CA_KEY], found[_CA] = _authority(fabric.city.title, now)
    for name in sorted(names):
        service, _, rest = name.partition(".")
        host = fabric.hosts.get(rest.removesuffix(".crt")) if name.endswith(".crt") else None
        if host is not None:
            if name not in found or _used_up(found[name], _names(fabric, host), now):
                found[f"{service}.{host.name}.key"], found[name] = _server(fabric, host, found, now)
        elif name not in found and not name.endswith(".key"):
            found[name] = randomness.token_urlsafe(24)
    return found


def _authority(title: str, now: dt.datetime) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{title} sanso CA")])
    builder = _certificate(subject, subject, key.public_key(), now, CA_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _key(key), _pem(builder.sign(key, hashes.SHA256()))


def _server(fabric: Fabric, host: Host, have: Mapping[str, str], now: dt.datetime) -> tuple[str, str]:
    authority = x509.load_pem_x509_certificate(have[_CA].encode())
    signer = serialization.load_pem_private_key(have[_CA_KEY].encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 it was made above
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{host.name}.{fabric.city.domain}"[:64])])
    builder = _certificate(subject, authority.subject, key.public_key(), now, SERVER_DAYS)
    builder = builder.add_extension(x509.SubjectAlternativeName(_names(fabric, host)), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return _key(key), _pem(builder.add_extension(usages, critical=False).sign(signer, hashes.SHA256()))


def _names(fabric: Fabric, host: Host) -> list[x509.GeneralName]:
    addresses: Iterable[IPv4Address | IPv6Address] = (host.ipv4.ip, host.ipv6.ip)
    full = x509.DNSName(f"{host.name}.{fabric.city.domain}")
    return [full, x509.DNSName(host.name), *(x509.IPAddress(address) for address in addresses)]


def _used_up(pem: str, names: list[x509.GeneralName], now: dt.datetime) -> bool:
    there = x509.load_pem_x509_certificate(pem.encode())
    named = there.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(named) != names or there.not_valid_after_utc - now < dt.timedelta(days=RENEW_DAYS)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    # A server whose clock is a little behind must believe it already.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _key(key: ec.EllipticCurvePrivateKey) -> str:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode().strip()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode().strip()
