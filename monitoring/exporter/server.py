"""The exporter's web server: `/probe?module=…&target=…`, `/metrics` for the exporter itself, and a page."""

from __future__ import annotations

import contextlib
import html
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from inventory.errors import SansoError
from inventory.text import Text
from monitoring.exporter.web import Web

HANDSHAKE_S = 5.0
IDLE_S = 120.0
"""How long a connection waits for its next request: longer than the time between two scrapes."""
_TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
_DEFAULT_TIMEOUT_S = 10.0
_MARGIN_S = 0.5
_SHORTEST_S = 0.1


@dataclass(frozen=True, slots=True)
class Asked:
    """A probe as it was asked for; `seconds` is the time it may take."""

    module: str
    target: str
    seconds: float


class WrongRequestError(Exception):
    """What was asked for does not exist; `what` says so in a sentence."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


Rows = Iterable[Metric]


@dataclass(frozen=True)
class Desk:
    """Who answers: `probe` raises WrongRequestError; `own` are the exporter's own rows; `web` is asked anew."""

    probe: Callable[[Asked], Rows]
    own: Callable[[], Rows]
    web: Callable[[], Web]


class _Once(Collector):
    """Rows that are there already."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def collect(self) -> Rows:
        return self._rows

    def describe(self) -> Rows:
        return ()


class Server(ThreadingHTTPServer):
    """Listens; each request has a thread of its own, so that a slow client hinders nobody."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], desk: Desk) -> None:
        self.desk = desk
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6 and self.server_address[0] == "::":
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """The TLS handshake is made here, in the request's own thread."""
        context = self.desk.web().context
        assert isinstance(request, socket.socket)  # noqa: S101 a TCP server's request
        request.settimeout(HANDSHAKE_S)
        if context is None:
            _Handler(request, client_address, self)
            return
        with contextlib.suppress(ssl.SSLError, OSError), context.wrap_socket(request, server_side=True) as secured:
            _Handler(secured, client_address, self)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is nobody's trouble."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server_version = "sanso-exporter"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one request."""
        if not self.server.desk.web().admits(self.headers.get("Authorization")):
            self._send(HTTPStatus.UNAUTHORIZED, "Unauthorized\n", ("WWW-Authenticate", "Basic"))
            return
        place = urlsplit(self.path)
        if place.path == "/metrics":
            self._rows(self.server.desk.own())
        elif place.path == "/probe":
            try:
                rows = self.server.desk.probe(self._asked(place.query))
            except WrongRequestError as error:
                self._send(HTTPStatus.BAD_REQUEST, f"{error.what}\n")
            else:
                self._rows(rows)
        elif place.path == "/":
            self._send(HTTPStatus.OK, _PAGE, ("Content-Type", "text/html; charset=utf-8"))
        else:
            self._send(HTTPStatus.NOT_FOUND, f"There is nothing at {html.escape(place.path)}.\n")

    def _asked(self, query: str) -> Asked:
        values = parse_qs(query)
        for name in ("module", "target"):
            if len(values.get(name, ())) != 1:
                msg = f"Give one `{name}`, such as /probe?module=device&target=hall-core1."
                raise WrongRequestError(msg)
        try:
            seconds = float(self.headers.get(_TIMEOUT_HEADER) or _DEFAULT_TIMEOUT_S)
        except ValueError:
            msg = f"{_TIMEOUT_HEADER} is no number of seconds."
            raise WrongRequestError(msg) from None
        return Asked(values["module"][0], values["target"][0], max(_SHORTEST_S, seconds - _MARGIN_S))

    def _rows(self, rows: Rows) -> None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Once(rows))
        encode, kind = choose_encoder(self.headers.get("Accept") or "")
        self._send(HTTPStatus.OK, encode(registry), ("Content-Type", kind))

    def _send(self, status: HTTPStatus, body: str | bytes, header: tuple[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        if header is not None:
            self.send_header(*header)
        if header is None or header[0] != "Content-Type":
            self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the standard library's own name
        """Scrapes are not logged; troubles are, by whoever meets them."""


_PAGE = """<!doctype html><title>sanso exporter</title><h1>sanso exporter</h1>
<ul><li><a href="/metrics">/metrics</a>: the exporter itself</li><li>/probe?module=…&amp;target=…</li></ul>
"""


def place_of(address: str) -> tuple[str, int]:
    """`HOST:PORT`, `[IPV6]:PORT` or `:PORT` (everywhere).

    Raises:
        SansoError: it is none.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or not 1 <= int(port) <= 65535:  # noqa: PLR2004 the highest port
        raise SansoError(
            Text(f"{address!r} is no address to listen on.", f"{address!r} は待ち受けアドレスではありません。"),
            Text("Give one such as 10.255.2.74:9633 or :9633.", "例: 10.255.2.74:9633、:9633"),
        )
    return host.strip("[]") or "::", int(port)
