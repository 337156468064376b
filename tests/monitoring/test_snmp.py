"""Both SNMP libraries against a real agent (net-snmp, SHA-256 and AES-128)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from scraping import LOOPBACK, exporter, get, linted

from inventory.errors import SansoError
from monitoring.exporter.modules.snmp import COLUMNS, NAME, RECEIVED, SCALARS, STATUS, TOTAL, client_of
from monitoring.exporter.snmp.credentials import Credential, read_credential
from monitoring.exporter.snmp.face import Order, SnmpError, Values

ADDRESS, PORT = LOOPBACK, 16100
LIBRARIES = ["gufo", "pysnmp"]


@pytest.fixture(scope="module")
def agent(snmp_agents: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with snmp_agents.agents(tmp_path_factory.mktemp("agent"), [ADDRESS], PORT):
        yield


@pytest.fixture
def credential(snmp_agents: ModuleType, tmp_path: Path) -> Credential:
    return read_credential(snmp_agents.credential(tmp_path))


def asked(library: str, who: Credential, address: str = ADDRESS) -> Values:
    async def ask() -> Values:
        client = client_of(library, who)
        try:
            return await client.read(address, PORT, SCALARS, COLUMNS)
        finally:
            client.close()

    return asyncio.run(ask())


@pytest.mark.usefixtures("agent")
def test_both_libraries_tell_the_same(credential: Credential) -> None:
    gufo, pysnmp = (asked(library, credential) for library in LIBRARIES)
    assert gufo.keys() - set(SCALARS) == pysnmp.keys() - set(SCALARS)
    still = [oid for oid in gufo if oid.startswith((f"{NAME}.", f"{STATUS}."))] + [TOTAL]
    assert {oid: gufo[oid] for oid in still} == {oid: pysnmp[oid] for oid in still}
    assert b"lo" in gufo.values()
    assert any(oid.startswith(f"{RECEIVED}.") for oid in gufo)


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("library", LIBRARIES)
def test_wrong_keys_are_refused_and_told(library: str, credential: Credential) -> None:
    other = credential.model_copy(
        update={"authentication": credential.authentication.model_copy(update={"password": "another-password"})}
    )
    with pytest.raises(SnmpError) as caught:
        asked(library, other)
    assert "refuses" in caught.value.what.en or "does not answer" in caught.value.what.en


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_agent_that_is_not_there_is_told(library: str, credential: Credential) -> None:
    with pytest.raises(SnmpError, match="does not answer"):
        asked(library, credential, "127.78.0.99")


def test_a_walk_that_goes_in_circles_is_ended() -> None:
    order = Order()
    order.take("1.3.6.1.2")
    order.take("1.3.6.1.10")
    with pytest.raises(SnmpError, match="do not increase"):
        order.take("1.3.6.1.9")


def test_a_credential_others_can_read_is_refused(snmp_agents: ModuleType, tmp_path: Path) -> None:
    file: Path = snmp_agents.credential(tmp_path)
    file.chmod(0o640)
    with pytest.raises(SansoError, match="mode 0640"):
        read_credential(file)


def test_no_password_is_ever_told(tmp_path: Path) -> None:
    file = tmp_path / "snmp.yaml"
    file.write_text("user: sanso\nauthentication: {protocol: md5, password: short1}\nprivacy: secret-word\n")
    file.chmod(0o600)
    with pytest.raises(SansoError) as caught:
        read_credential(file)
    for language in ("en", "ja"):
        said = caught.value.say(language)  # type: ignore[arg-type]
        assert "authentication.protocol" in said
        assert not {word for word in ("short1", "secret-word") if word in said}
    assert "short1" not in repr(caught.value)


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_module_tells_interfaces_and_memory(
    library: str, snmp_agents: ModuleType, tmp_path: Path, port: int
) -> None:
    file = tmp_path / "exporter.yaml"
    file.write_text(
        f"city: town\nsegment: management\nhost: operator\nsnmp:\n  credentials: {snmp_agents.credential(tmp_path)}\n"
        f"  client: {library}\n  port: {PORT}\n  nodes:\n    here: {{address: {ADDRESS}}}\n"
        "    gone: {address: 127.78.0.99}\n"
    )
    with exporter(file, port):
        reply = get(f"http://127.0.0.1:{port}/probe?module=snmp&target=here")
        linted(reply)
        assert reply.value("sanso_snmp_up") == reply.value("sanso_probe_success") == 1
        assert reply.value("sanso_snmp_interface_up", interface="lo") == 1
        assert reply.value("sanso_snmp_interface_receive_bytes_total", interface="lo") > 0
        assert 0 < reply.value("sanso_snmp_memory_available_bytes") < reply.value("sanso_snmp_memory_total_bytes")
        gone = get(f"http://127.0.0.1:{port}/probe?module=snmp&target=gone", timeout=2)
        linted(gone)
        assert gone.value("sanso_snmp_up") == gone.value("sanso_probe_success") == 0
