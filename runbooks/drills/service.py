"""The drill's own client of the certificate workload: it issues a certificate a second, and reads them all back."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from network.access import Access
from network.drivers.errors import DeviceError
from network.drivers.ssh import Connection, Login
from runbooks.drills.meters import Sample

CLIENT = "/usr/local/bin/sanso-certificates"
_PATIENCE_S = 8
_READ_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate whose issuing was acknowledged to the client."""

    number: int
    issued_at: float
    server: str


class CertificateClient:
    """Issues certificates on a server of the city over SSH, and remembers each that was acknowledged."""

    def __init__(self, address: str, access: Access, drill: str) -> None:
        self._login = Login(
            address,
            access.user,
            port=access.port,
            key=access.key,
            known_hosts=access.known_hosts,
            timeout_s=_PATIENCE_S,
        )
        self._name = f"drill-{drill}"
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._issued: list[Certificate] = []

    def look(self) -> Sample:
        """Issue one: good when it was acknowledged, bad when refused or not answered, None without a client."""
        try:
            answer = self._say(f"timeout -k 1 {_PATIENCE_S} {CLIENT} issue {self._name}")
        except (OSError, EOFError, DeviceError) as error:
            self.close()
            return Sample(time.time(), None, f"client: {type(error).__name__}")
        at = time.time()
        if answer is None:
            return Sample(at, good=False)
        found = Certificate(int(answer["number"]), at, str(answer.get("server", "")))
        with self._lock:
            self._issued.append(found)
        return Sample(at, good=True, note=f"{found.number} {found.server}")

    @property
    def issued(self) -> list[Certificate]:
        """Every certificate that was acknowledged, oldest first."""
        with self._lock:
            return list(self._issued)

    def remember(self, rows: Iterable[Sample]) -> None:
        """Take over what an earlier process of the same drill has issued."""
        for row in rows:
            number, _, server = row.note.partition(" ")
            if row.good and number.isdecimal():
                self._issued.append(Certificate(int(number), row.at, server))

    def missing(self, numbers: Iterable[int]) -> list[int]:
        """Those certificates that cannot be read."""
        wanted = list(numbers)
        lost: list[int] = []
        for start in range(0, len(wanted), _READ_AT_ONCE):
            some = wanted[start : start + _READ_AT_ONCE]
            listed = " ".join(map(str, some))
            command = f'for n in {listed}; do {CLIENT} read "$n" >/dev/null 2>&1 || echo "$n"; done'
            told = self._connect().run(command, timeout_s=_READ_AT_ONCE * _PATIENCE_S).text
            lost += [int(word) for word in told.split() if word.isdecimal()]
        return lost

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self._login)
        return self._connection

    def _say(self, command: str) -> dict[str, Any] | None:
        """What the client program says as JSON; None when it failed."""
        said = self._connect().run(command, timeout_s=_PATIENCE_S + 3)
        if said.code:
            return None
        with contextlib.suppress(ValueError, IndexError):
            answer = json.loads(said.text.strip().splitlines()[-1])
            return answer if isinstance(answer, dict) and "number" in answer else None
        return None
