"""A window into a lab: a port of the machine's own loopback behind which Prometheus at the operator station answers."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
from pathlib import Path

from inventory.errors import SansoError
from inventory.text import Text
from network.lab.syscalls import network

_CHUNK = 65536
_PATIENCE_S = 5.0


class Window(socketserver.ThreadingTCPServer):
    """Relays connections to `inside`, which is reached from the network namespace `netns`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, netns: Path, inside: tuple[str, int]) -> None:
        self.netns = netns
        self.inside = inside
        try:
            super().__init__(("127.0.0.1", port), _Relay)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SansoError(
                Text(f"Cannot listen on port {port}: {reason}.", f"ポート {port} で待ち受けできません: {reason}"),
                Text("Choose another one with --port.", "--port で別のポートを指定してください。"),
            ) from None

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Relay(socketserver.BaseRequestHandler):
    server: Window

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            with network(self.server.netns):
                inner = socket.create_connection(self.server.inside, _PATIENCE_S)
            with inner:
                self._carry(inner)

    def _carry(self, inner: socket.socket) -> None:
        """Both directions, until either side has ended."""
        other = {self.request: inner, inner: self.request}
        while True:
            for ready in select.select(list(other), [], [])[0]:
                data = ready.recv(_CHUNK)
                if not data:
                    return
                other[ready].sendall(data)
