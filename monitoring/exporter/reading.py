"""An exporter's configuration file, read and checked: every error at once, each with its line."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from inventory.document import Document, DocumentError, read_document
from inventory.errors import Finding, SansoError
from inventory.text import Text
from inventory.values import ProtocolPorts
from inventory.words import same
from monitoring.exporter.model import Configuration, Destination
from monitoring.exporter.snmp.credentials import read_credential


def read_configuration(file: Path) -> Configuration:
    """Read it.

    Raises:
        DocumentError: it has errors; it holds all of them.
    """
    document = read_document(file, Configuration, str(file))
    findings = [*document.findings]
    if document.value is not None:
        findings += _checked(document, document.value)
    if findings or document.value is None:
        raise DocumentError(tuple(sorted(findings, key=lambda finding: finding.origin)))
    return document.value


def _checked(document: Document[Configuration], found: Configuration) -> Iterator[Finding]:
    """What no single field shows."""
    yield from _sections(document, found)
    if found.separation is not None:
        yield from _single(document, ("separation", "destinations"), found.separation.destinations)
        yield from _single(document, ("separation", "strangers"), found.separation.strangers)
    for row, flow in found.flows.items():
        yield from _single(document, ("flows", row, "destinations"), flow.destinations)
    yield from _clients(document, found)
    if found.login is not None:
        for key in ("key", "known_hosts"):
            yield from _file_there(document, ("login", key), getattr(found.login, key))
    if found.snmp is not None:
        yield from _credential(document, found.snmp.credentials)


def _sections(document: Document[Configuration], found: Configuration) -> Iterator[Finding]:
    here = any(flow.server is None for flow in found.flows.values())
    there = any(flow.server is not None for flow in found.flows.values())
    for key, asked in (("separation", found.separation), ("flows", here)):
        if asked and found.source is None:
            yield _needs(document, key, "source", "the addresses it tries paths from", "経路を試す送信元アドレス")
    for key, wanted in (("devices", found.devices), ("drift", found.drift)):
        if wanted and found.login is None:
            yield _needs(document, key, "login", "how devices are logged in to", "機器へのログイン方法")
    if there and found.login is None:
        yield _needs(document, "flows", "login", "how servers are logged in to", "サーバへのログイン方法")
    if found.drift is not None and not found.devices:
        yield _needs(document, "drift", "devices", "the devices that are compared", "比較する機器の一覧")


def _clients(document: Document[Configuration], found: Configuration) -> Iterator[Finding]:
    for name, workload in found.workloads.items():
        client = Path(workload.client)
        if not client.is_absolute():
            yield Finding(
                "client-path",
                Text(
                    f"`workloads.{name}.client` is no full path", f"`workloads.{name}.client` が絶対パスではありません"
                ),
                Text("a path that begins with /", "/ から始まるパス"),
                same(workload.client),
                None,
                document.place("workloads", name, "client"),
            )


def _needs(document: Document[Configuration], key: str, other: str, en: str, ja: str) -> Finding:
    return Finding(
        "section-missing",
        Text(f"`{key}` needs `{other}`", f"`{key}` には `{other}` が必要です"),
        Text(f"`{other}`: {en}", f"`{other}` ({ja})"),
        Text("nothing", "何も書かれていません"),
        None,
        document.place(key),
    )


def _single(
    document: Document[Configuration], at: tuple[str, ...], destinations: dict[str, Destination]
) -> Iterator[Finding]:
    for name, there in destinations.items():
        for key in ("ports4", "ports6"):
            ports: ProtocolPorts = getattr(there, key)
            for port in ports:
                if port.low != port.high:
                    yield Finding(
                        "port-range",
                        Text(
                            f"`{'.'.join([*at, name, key])}`: a range of ports cannot be tried",
                            f"`{'.'.join([*at, name, key])}`: ポートの範囲は試せません",
                        ),
                        Text("single ports, such as tcp/443", "単独のポート (例 tcp/443)"),
                        same(port),
                        Text("write its first and last port", "先頭と末尾のポートを書いてください"),
                        document.place(*at, name, key),
                    )


def _file_there(document: Document[Configuration], at: tuple[str, ...], name: str | None) -> Iterator[Finding]:
    if name is not None and not Path(name).expanduser().is_file():
        yield Finding(
            "file-missing",
            Text(f"`{'.'.join(at)}`: there is no such file", f"`{'.'.join(at)}`: ファイルがありません"),
            Text("a file", "ファイル"),
            same(name),
            None,
            document.place(*at),
        )


def _credential(document: Document[Configuration], name: str) -> Iterator[Finding]:
    try:
        read_credential(Path(name))
    except DocumentError as error:
        yield from error.findings
    except SansoError as error:
        yield Finding(
            "credential-file",
            error.what,
            Text("a file of mode 0600 with the SNMP user's keys", "SNMP の利用者と鍵を書いたモード 0600 のファイル"),
            same(_mode(Path(name))),
            error.hint,
            document.place("snmp", "credentials"),
        )


def _mode(file: Path) -> str:
    try:
        return f"mode {stat.S_IMODE(file.stat().st_mode):04o}"
    except OSError as error:
        return error.strerror or str(error)
