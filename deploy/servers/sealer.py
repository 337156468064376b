"""Secrets and texts: filled in last, taken out again before anything is told."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from deploy.servers.text import SEALED, SECRET

SEAL_KEY = "seal-key"


class Sealer:
    """Fills secrets into texts and takes them out again."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets

    def open(self, content: str) -> str:
        """The content with every secret filled in.

        Raises:
            ValueError: it is not known what stands in it.
        """
        if SEALED.search(content):
            msg = "the content of a sealed file is not kept; it can only be put back by the server's own snapshot"
            raise ValueError(msg)
        return SECRET.sub(lambda found: self._value(found[1]), content)

    def seal(self, content: bytes, meant: Iterable[str]) -> str:
        """What may be told of a sealed file: the one of `meant` that it is, filled in; else a keyed hash."""
        for template in meant:
            if not SEALED.search(template) and self.open(template).encode() == content:
                return template
        digest = hmac.new(self._secrets[SEAL_KEY].encode(), content, hashlib.sha256).hexdigest()
        return f"{{{{sealed {digest[:32]}}}}}\n"

    @staticmethod
    def readable(content: bytes) -> str:
        """What may be told of any other file."""
        try:
            return content.decode()
        except UnicodeDecodeError:
            return f"(no text: SHA-256 {hashlib.sha256(content).hexdigest()})\n"

    def _value(self, name: str) -> str:
        if name not in self._secrets:
            msg = f"the vault has no secret {name}"
            raise ValueError(msg)
        return self._secrets[name]
