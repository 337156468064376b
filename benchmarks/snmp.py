"""Poll 50 real SNMP agents at once: sanso's exporter with each of its libraries, and Debian's prometheus-snmp-exporter.

    sudo .venv/bin/python benchmarks/snmp.py [AGENTS] [ROUNDS]

Each agent is a net-snmp snmpd of 49 interfaces, asked by SNMPv3 with SHA-256 and AES-128; of each the same is read:
name, state and byte counters of every interface, processors and memory. All three exporters are asked over HTTP by the
same driver, one request an agent, all at the same time, round after round. Processor time is the exporter's own, as the
kernel counts it; the agents and the driver are not in it. The libraries alone, without HTTP and the text format, come
first. Everything runs in a network namespace of its own. Needs the Debian packages snmpd and prometheus-snmp-exporter.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from snmp_agents import HIDING, SIGNING, USER, agents, credential

from monitoring.exporter.modules.snmp import COLUMNS, SCALARS, client_of
from monitoring.exporter.snmp.credentials import read_credential
from network.lab import syscalls
from network.lab.commands import IP, batch

PORT = 16161
WEB = 19633
CABLES = 24
TICKS = os.sysconf("SC_CLK_TCK")
DEBIAN = "prometheus-snmp-exporter"
_BY_NAME = (
    "indexes: [{labelname: ifIndex, type: gauge}], "
    f"lookups: [{{labels: [ifIndex], labelname: ifName, oid: {COLUMNS[0]}, type: DisplayString}}]"
)
DEBIANS_MODULE = f"""\
bench:
  walk: [{", ".join(COLUMNS)}]
  get: [{", ".join(SCALARS)}]
  max_repetitions: 25
  version: 3
  auth: {{username: {USER}, security_level: authPriv, password: {SIGNING}, auth_protocol: SHA256,
         priv_protocol: AES, priv_password: {HIDING}}}
  metrics:
    - {{name: ifName, oid: {COLUMNS[0]}, type: DisplayString, {_BY_NAME}}}
    - {{name: ifOperStatus, oid: {COLUMNS[1]}, type: gauge, {_BY_NAME}}}
    - {{name: ifHCInOctets, oid: {COLUMNS[2]}, type: counter, {_BY_NAME}}}
    - {{name: ifHCOutOctets, oid: {COLUMNS[3]}, type: counter, {_BY_NAME}}}
    - {{name: ssCpuIdle, oid: {SCALARS[0].removesuffix(".0")}, type: gauge}}
    - {{name: memTotalReal, oid: {SCALARS[1].removesuffix(".0")}, type: gauge}}
    - {{name: memSysAvail, oid: {SCALARS[2].removesuffix(".0")}, type: gauge}}
"""


@dataclass(frozen=True)
class Result:
    """`seconds`: the median round. `cpu_s`: processor time of all rounds. `varbinds`: of one round, `lost`: of all."""

    name: str
    seconds: float
    cpu_s: float
    rounds: int
    varbinds: int
    lost: int

    @property
    def rate(self) -> float:
        return self.varbinds / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / (self.varbinds * self.rounds) * 1e6


def ports() -> None:
    """A network of its own with 48 ports, for agents to tell of."""
    syscalls.unshare(syscalls.CLONE_NEWNET)
    lines = [f"link add p{n}a type veth peer name p{n}b" for n in range(CABLES)]
    lines += [f"link set p{n}{end} up" for n in range(CABLES) for end in "ab"]
    batch(IP, ["link set lo up", *lines])


def cpu_of(pid: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def asked(place: str) -> bool:
    """One scrape; whether it brought the interfaces."""
    connection = http.client.HTTPConnection("127.0.0.1", WEB, timeout=60)
    try:
        connection.request("GET", place, headers={"X-Prometheus-Scrape-Timeout-Seconds": "30"})
        text = connection.getresponse().read()
    finally:
        connection.close()
    return text.count(b"p23b") >= 3  # noqa: PLR2004 the last port's name, state or counters


@contextmanager
def exporter(words: list[str]) -> Iterator[int]:
    """An exporter that answers; its process id."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", WEB).connect()
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def polled(name: str, words: list[str], places: list[str], rounds: int, varbinds: int) -> Result:
    """All places at once, round after round; the first round, which every exporter learns in, does not count."""
    with exporter(words) as pid, ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(asked, places))
        times, lost = [], 0
        before = cpu_of(pid)
        for _ in range(rounds):
            start = time.monotonic()
            lost += sum(not good for good in pool.map(asked, places))
            times.append(time.monotonic() - start)
        return Result(name, statistics.median(times), cpu_of(pid) - before, rounds, varbinds, lost)


def alone(library: str, file: Path, addresses: list[str], rounds: int) -> Result:
    """The library itself, in this process."""

    async def work() -> Result:
        client = client_of(library, read_credential(file))
        read: Callable[[str], object] = lambda address: client.read(address, PORT, SCALARS, COLUMNS)  # noqa: E731
        found = await asyncio.gather(*map(read, addresses))  # type: ignore[call-overload]
        times, before = [], resource.getrusage(resource.RUSAGE_SELF)
        for _ in range(rounds):
            start = time.monotonic()
            found = await asyncio.gather(*map(read, addresses))  # type: ignore[call-overload]
            times.append(time.monotonic() - start)
        after = resource.getrusage(resource.RUSAGE_SELF)
        client.close()
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        count = sum(map(len, found))
        return Result(f"{library} alone", statistics.median(times), spent, rounds, count, 0)

    return asyncio.run(work())


def main(count: int = 50, rounds: int = 10) -> None:
    """Start the agents, ask them in all ways, print a row a way."""
    ports()
    addresses = [f"127.78.0.{number + 1}" for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="sanso-bench-") as name, agents(Path(name), addresses, PORT):
        folder = Path(name)
        file = credential(folder)
        results = [alone(library, file, addresses, rounds) for library in ("gufo", "pysnmp")]
        varbinds = results[0].varbinds
        for library in ("gufo", "pysnmp"):
            configuration = folder / f"{library}.yaml"
            nodes = "".join(f"    a{n}: {{address: {address}}}\n" for n, address in enumerate(addresses))
            configuration.write_text(
                "city: bench\nsegment: management\nhost: operator\n"
                f"snmp:\n  credentials: {file}\n  client: {library}\n  port: {PORT}\n  nodes:\n{nodes}"
            )
            words = [sys.executable, "-m", "sanso", "exporter", "--config.file", str(configuration)]
            places = [f"/probe?module=snmp&target=a{n}" for n in range(count)]
            listen = ["--web.listen-address", f"127.0.0.1:{WEB}"]
            results.append(polled(f"sanso, {library}", [*words, *listen], places, rounds, varbinds))
        module = folder / "snmp.yml"
        module.write_text(DEBIANS_MODULE)
        words = [DEBIAN, f"--config.file={module}", f"--web.listen-address=127.0.0.1:{WEB}"]
        places = [f"/snmp?module=bench&target={address}:{PORT}" for address in addresses]
        results.append(polled(DEBIAN, words, places, rounds, varbinds))
    peer = results[-1]
    load = os.getloadavg()[0]
    print(f"{count} agents at once, {varbinds} varbinds a round, {rounds} rounds; load of the machine {load:.0f}\n")
    print(f"{'':<26} {'round s':>8} {'varbinds/s':>11} {'CPU us/varbind':>15} {'CPU x Debian':>13} {'lost':>5}")
    for row in results:
        ratio = row.cpu_us / peer.cpu_us
        print(f"{row.name:<26} {row.seconds:>8.2f} {row.rate:>11.0f} {row.cpu_us:>15.1f} {ratio:>13.2f} {row.lost:>5}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
