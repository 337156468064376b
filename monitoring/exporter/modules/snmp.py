"""The module `snmp`: interfaces, processors and memory as a node's own SNMP agent tells them.

The interfaces are those of IF-MIB, processors and memory those of UCD-SNMP-MIB (net-snmp). The agent of a router whose
VRFs are network namespaces sees the ports, not the sub-interfaces in the VRFs: those are told by the module `device`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from prometheus_client.metrics_core import Metric

from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, counter, gauge
from monitoring.exporter.errands import Loop
from monitoring.exporter.model import Snmp
from monitoring.exporter.snmp.credentials import Credential, read_credential
from monitoring.exporter.snmp.face import Client, SnmpError, Values

NAME = "1.3.6.1.2.1.31.1.1.1.1"
STATUS = "1.3.6.1.2.1.2.2.1.8"
RECEIVED = "1.3.6.1.2.1.31.1.1.1.6"
SENT = "1.3.6.1.2.1.31.1.1.1.10"
COLUMNS = (NAME, STATUS, RECEIVED, SENT)
"""ifName, ifOperStatus, ifHCInOctets, ifHCOutOctets."""
IDLE = "1.3.6.1.4.1.2021.11.11.0"
TOTAL = "1.3.6.1.4.1.2021.4.5.0"
AVAILABLE = "1.3.6.1.4.1.2021.4.27.0"
SCALARS = (IDLE, TOTAL, AVAILABLE)
"""ssCpuIdle (percent, of the last minute), memTotalReal and memSysAvail (KiB)."""
_IF_UP = 1
_PERCENT = 100
_KIB = 1024


def client_of(name: str, credential: Credential) -> Client:
    """The library of that name; it is imported only when it is wanted."""
    if name == "pysnmp":
        from monitoring.exporter.snmp.pysnmp import PysnmpClient  # noqa: PLC0415 one of the two is enough

        return PysnmpClient(credential)
    from monitoring.exporter.snmp.gufo import GufoClient  # noqa: PLC0415 likewise

    return GufoClient(credential)


class SnmpModule:
    """The nodes with an agent. One client for all of them, made in the loop it works in."""

    def __init__(self, wanted: Snmp, loop: Loop) -> None:
        self._nodes = {name: str(node.address) for name, node in wanted.nodes.items()}
        self._port = wanted.port
        self._loop = loop
        credential = read_credential(Path(wanted.credentials))
        self._client = loop.start(_made(wanted.client, credential)).result()

    @property
    def targets(self) -> Collection[str]:
        return self._nodes

    def close(self) -> None:
        self._loop.start(_closed(self._client)).result()

    def probe(self, target: str, deadline: Deadline) -> Answer:
        try:
            read = self._client.read(self._nodes[target], self._port, SCALARS, COLUMNS)
            values = self._loop.run(read, deadline)
        except LateError:
            return Answer((_up(up=False),), LATE)
        except SnmpError as error:
            told = Text("{target}: {what}", "{target}: {what}").format(target=target, what=error.what)
            return Answer((_up(up=False),), told)
        return Answer((_up(up=True), *_rows(values)))


async def _closed(client: Client) -> None:
    client.close()


async def _made(name: str, credential: Credential) -> Client:
    return client_of(name, credential)


def _up(*, up: bool) -> Metric:
    return gauge("sanso_snmp_up", "Whether the node's SNMP agent answers.", [({}, up)])


def _rows(values: Values) -> Iterator[Metric]:
    names = {index: bytes(name).decode("utf-8", "replace") for index, name in _column(values, NAME) if name != b""}
    yield gauge(
        "sanso_snmp_interface_up",
        "Whether an interface is up, as IF-MIB tells.",
        (
            ({"interface": names[index]}, status == _IF_UP)
            for index, status in _column(values, STATUS)
            if index in names
        ),
    )
    for name, told, column in (
        ("receive", "Bytes an interface has received, as IF-MIB tells.", RECEIVED),
        ("transmit", "Bytes an interface has sent, as IF-MIB tells.", SENT),
    ):
        yield counter(
            f"sanso_snmp_interface_{name}_bytes_total",
            told,
            (({"interface": names[index]}, float(count)) for index, count in _column(values, column) if index in names),
        )
    for name, told, oid, unit in (
        ("cpu_idle_ratio", "Part of the last minute its processors were idle.", IDLE, 1 / _PERCENT),
        ("memory_available_bytes", "Memory programs can still get.", AVAILABLE, _KIB),
        ("memory_total_bytes", "Memory it has.", TOTAL, _KIB),
    ):
        found = [values[oid]] if oid in values else []
        yield gauge(f"sanso_snmp_{name}", told, (({}, float(value) * unit) for value in found))


def _column(values: Values, column: str) -> Iterator[tuple[str, int | bytes]]:
    """Index → value."""
    start = f"{column}."
    return ((oid.removeprefix(start), value) for oid, value in values.items() if oid.startswith(start))
