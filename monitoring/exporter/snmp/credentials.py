"""The credential an exporter asks SNMP agents with: a file of its own, which only its owner may read.

user: sanso
authentication: {protocol: sha256, password: …}
privacy: {protocol: aes128, password: …}
"""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from inventory.document import DocumentError, read_document
from inventory.element import Element
from inventory.errors import SansoError
from inventory.text import Text


class Authentication(Element):
    """How messages are signed."""

    protocol: Literal["sha256"] = "sha256"
    password: str = Field(min_length=8, repr=False)


class Privacy(Element):
    """How messages are encrypted."""

    protocol: Literal["aes128", "aes256"] = "aes128"
    password: str = Field(min_length=8, repr=False)


class Credential(Element):
    """A user of the agents (RFC 3414), always with authentication and privacy."""

    user: str = Field(min_length=1, max_length=32)
    authentication: Authentication
    privacy: Privacy


_HIDDEN = Text("(not shown: the file holds passwords)", "(パスワードを含むファイルのため表示しません)")


def read_credential(file: Path) -> Credential:
    """Read it.

    Raises:
        SansoError: it cannot be read, others may read it, or it says something else; no value is ever told.
    """
    try:
        mode = file.stat().st_mode
    except OSError as error:
        reason = error.strerror or str(error)
        raise SansoError(Text(f"{file}: {reason}", f"{file}: {reason}")) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SansoError(
            Text(
                f"{file} holds passwords, and others than its owner may read it (mode {stat.S_IMODE(mode):04o}).",
                f"{file} はパスワードを含みますが、所有者以外も読めます (モード {stat.S_IMODE(mode):04o})。",
            ),
            Text(f"chmod 600 {file}", f"chmod 600 {file} を実行してください"),
        )
    document = read_document(file, Credential, str(file))
    if document.value is None:
        raise DocumentError(tuple(replace(finding, found=_HIDDEN) for finding in document.findings))
    return document.value
