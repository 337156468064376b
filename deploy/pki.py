"""Certificates in PEM: an authority, and what it issues to servers. Keys are P-256."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LONGEST_NAME = 64
"""Characters of a common name, by X.520."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: str
    key: str = field(repr=False)


def authority(name: str, now: dt.datetime, days: int) -> Pair:
    """A new authority that signs server certificates only, good for `days`."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _begun(_name(name), _name(name), key, now, days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _pair(builder, key, key)


def issue(issuer: Pair, name: str, names: Iterable[x509.GeneralName], now: dt.datetime, days: int) -> Pair:
    """A server's certificate from this authority, for all its `names`, good for `days`."""
    signer = serialization.load_pem_private_key(issuer.key.encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 `authority` made it
    key = ec.generate_private_key(ec.SECP256R1())
    above = x509.load_pem_x509_certificate(issuer.certificate.encode()).subject
    builder = (
        _begun(_name(name), above, key, now, days)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return _pair(builder, key, signer)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:_LONGEST_NAME])])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    # A server whose clock is a little behind must believe it already.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _pair(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> Pair:
    certificate = builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    kind = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
    return Pair(certificate.decode().strip(), secret.decode().strip())
