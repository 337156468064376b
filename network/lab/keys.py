"""Keys of a lab: one for its user, one host key for every node. Made anew for each lab."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An ed25519 key as OpenSSH writes it."""

    private: str
    public: str
    """`ssh-ed25519 AAAA…`"""


def new_key() -> KeyPair:
    """A fresh key."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return KeyPair(private, public)


def known_hosts(keys: Iterable[tuple[str, str, KeyPair]]) -> str:
    """A known_hosts file of (name, address, key)."""
    return "".join(f"{address},{name} {key.public}\n" for name, address, key in keys)
