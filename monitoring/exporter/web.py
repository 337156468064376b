"""The web configuration file, in the format of Prometheus' exporters: TLS, client certificates, and passwords.

    tls_server_config: {cert_file: exporter.crt, key_file: exporter.key}
    basic_auth_users: {prometheus: "$2b$12$…"}

File names are taken from the file's own directory. Passwords stand there as bcrypt hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import bcrypt
from pydantic import Field

from inventory.document import Document, DocumentError, read_document
from inventory.element import Element
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import same

_BCRYPT = re.compile(r"^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$")
_NOBODY = b"$2b$10$abcdefghijklmnopqrstuuVgDYDTAOaBoQeEvmNMGlpu35w53yEkS"
"""Checked when there is no such user, so that both take the same time."""
_REMEMBERED = 64
_HIDDEN = Text("(not shown)", "(表示しません)")


class TlsServer(Element):
    """The exporter's certificate, and whose client certificates it takes."""

    cert_file: str
    key_file: str
    client_auth_type: Literal["NoClientCert", "RequireAndVerifyClientCert"] = "NoClientCert"
    client_ca_file: str | None = None


class WebFile(Element):
    """The whole file."""

    tls_server_config: TlsServer | None = None
    basic_auth_users: dict[str, str] = Field(default_factory=dict)


class Web:
    """How requests come in: by TLS or not, and who may ask."""

    def __init__(self, context: ssl.SSLContext | None, users: dict[str, str]) -> None:
        self.context = context
        self._users = {name: hashed.encode() for name, hashed in users.items()}
        self._seen: set[bytes] = set()

    def admits(self, authorization: str | None) -> bool:
        """Whether a request with this `Authorization` header may be answered."""
        if not self._users:
            return True
        word, _, coded = (authorization or "").partition(" ")
        try:
            user, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError:  # no base64, or no UTF-8
            return False
        if word.lower() != "basic" or not colon:
            return False
        hashed = self._users.get(user, _NOBODY)
        mark = hashlib.sha256(b"\0".join((user.encode(), password.encode(), hashed))).digest()
        if mark in self._seen:
            return True
        good = bcrypt.checkpw(password.encode()[:72], hashed) and user in self._users
        if good and len(self._seen) < _REMEMBERED:
            self._seen.add(mark)
        return good


OPEN = Web(None, {})
"""Without a file: plain HTTP, for everybody."""


def read_web(file: Path) -> Web:
    """Read the file, and the certificate it names.

    Raises:
        DocumentError: it has errors; it holds all of them.
    """
    document = read_document(file, WebFile, str(file))
    findings = [
        replace(finding, found=_HIDDEN) if "basic_auth_users" in finding.path else finding
        for finding in document.findings
    ]
    context: ssl.SSLContext | None = None
    if document.value is not None:
        findings += _users(document, document.value)
        if document.value.tls_server_config is not None:
            context, more = _context(document, file.parent, document.value.tls_server_config)
            findings += more
    if findings or document.value is None:
        raise DocumentError(tuple(sorted(findings, key=lambda finding: finding.origin)))
    return Web(context, document.value.basic_auth_users)


def _users(document: Document[WebFile], found: WebFile) -> Iterator[Finding]:
    for name, hashed in found.basic_auth_users.items():
        if not _BCRYPT.match(hashed):
            yield Finding(
                "web-password",
                Text(
                    f"the password of `{name}` is no bcrypt hash",
                    f"`{name}` のパスワードが bcrypt ハッシュではありません",
                ),
                Text("a hash such as $2b$12$…", "$2b$12$… の形式のハッシュ"),
                _HIDDEN,
                Text(
                    "make one with: htpasswd -nBC 12 '' | tr -d ':\\n'", "htpasswd -nBC 12 '' | tr -d ':\\n' で作れます"
                ),
                document.place("basic_auth_users", name),
            )


def _context(
    document: Document[WebFile], folder: Path, wanted: TlsServer
) -> tuple[ssl.SSLContext | None, list[Finding]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    findings = []
    names = {"cert_file": wanted.cert_file, "key_file": wanted.key_file, "client_ca_file": wanted.client_ca_file}
    wants = wanted.client_auth_type != "NoClientCert"
    if wants and wanted.client_ca_file is None:
        findings.append(
            Finding(
                "web-client-ca",
                Text(
                    "client certificates are wanted, and no authority is named",
                    "クライアント証明書を求めますが認証局がありません",
                ),
                Text("`client_ca_file`", "`client_ca_file`"),
                Text("nothing", "何も書かれていません"),
                None,
                document.place("tls_server_config", "client_auth_type"),
            )
        )
    for key, name in names.items():
        if name is not None and not (folder / name).is_file():
            findings.append(
                Finding(
                    "file-missing",
                    Text(
                        f"`tls_server_config.{key}`: there is no such file",
                        f"`tls_server_config.{key}`: ファイルがありません",
                    ),
                    Text("a file in PEM format", "PEM 形式のファイル"),
                    same(name),
                    None,
                    document.place("tls_server_config", key),
                )
            )
    if findings:
        return None, findings
    try:
        context.load_cert_chain(folder / wanted.cert_file, folder / wanted.key_file)
        if wants and wanted.client_ca_file is not None:
            context.load_verify_locations(folder / wanted.client_ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
    except (ssl.SSLError, OSError) as error:
        findings.append(
            Finding(
                "web-certificate",
                Text("the certificate or its key cannot be used", "証明書または鍵を使用できません"),
                Text("a certificate and the key that belongs to it, in PEM format", "対応する証明書と鍵 (PEM 形式)"),
                same(getattr(error, "reason", None) or f"{wanted.cert_file}, {wanted.key_file}"),
                None,
                document.place("tls_server_config", "cert_file"),
            )
        )
        return None, findings
    return context, findings
