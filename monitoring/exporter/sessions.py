"""SSH to servers, by the drivers' connection: host keys are checked, sessions are kept.

A login costs more than what is then asked, so a session stays open from scrape to scrape. The servers need an SSH
server, the login of the exporter's configuration, and whatever the command they are given needs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.exporter.model import Login
from network.drivers.errors import ClosedError, NoAnswerError
from network.drivers.ssh import Connection, Output
from network.drivers.ssh import Login as Address

_AT_ONCE = 8
"""Commands in one session; Debian's sshd takes ten."""


@dataclass
class _Seat:
    address: Address
    connection: Connection | None = None
    opening: threading.Lock = field(default_factory=threading.Lock)
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AT_ONCE))


class Sessions:
    """One session to each server, opened when it is first needed. `servers`: name → management address."""

    def __init__(self, servers: Mapping[str, str], login: Login) -> None:
        self._seats = {name: _Seat(_address(host, login)) for name, host in servers.items()}
        self._closed = False

    def run(self, server: str, command: str, stdin: bytes, timeout_s: float) -> Output:
        """Run a command there. A session that has ended since is opened anew.

        Raises:
            DeviceError: the server cannot be reached or logged in to, or does not answer.
        """
        seat = self._seats[server]
        with seat.places:
            connection, fresh = self._connected(seat)
            try:
                return connection.run(command, stdin, timeout_s)
            except (ClosedError, NoAnswerError) as error:
                self._drop(seat, connection)
                if fresh or isinstance(error, NoAnswerError):
                    raise
            return self._connected(seat)[0].run(command, stdin, timeout_s)

    def close(self) -> None:
        self._closed = True
        for seat in self._seats.values():
            if seat.connection is not None:
                seat.connection.close()

    def _connected(self, seat: _Seat) -> tuple[Connection, bool]:
        """The session, and whether it is a new one."""
        with seat.opening:
            if seat.connection is not None and seat.connection.alive():
                return seat.connection, False
            seat.connection = Connection(seat.address)
            if self._closed:
                seat.connection.close()
            return seat.connection, True

    def _drop(self, seat: _Seat, broken: Connection) -> None:
        with seat.opening:
            if seat.connection is broken:
                seat.connection = None
        broken.close()


def _address(host: str, login: Login) -> Address:
    return Address(
        host,
        login.user,
        port=login.port,
        key=Path(login.key).expanduser() if login.key else None,
        known_hosts=Path(login.known_hosts).expanduser() if login.known_hosts else None,
        timeout_s=login.timeout_s,
    )
