"""The exporter's life: it starts, answers, reads its files again on SIGHUP, and ends on SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import Metric

from inventory import console
from inventory.errors import EXIT_OK, SansoError
from inventory.text import Text
from monitoring.exporter.answer import Answer, Deadline, counter, gauge
from monitoring.exporter.errands import Loop
from monitoring.exporter.model import Configuration
from monitoring.exporter.reading import read_configuration
from monitoring.exporter.server import Asked, Desk, Rows, Server, WrongRequestError, place_of
from monitoring.exporter.tally import Tally
from monitoring.exporter.web import OPEN, Web, read_web
from monitoring.exporter.works import NAMES, Works

_CRASHED = Text(
    "an unexpected failure of the exporter ({kind}: {error})", "エクスポータの想定外の障害です ({kind}: {error})"
)


_WISHES = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Exporter:
    """Its files as last read, and its modules at work."""

    def __init__(self, file: Path, web_file: Path | None) -> None:
        self._file = file
        self._web_file = web_file
        self._loop = Loop()
        self._tally = Tally()
        self._troubles: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._good = True
        self._read_at = 0.0
        self._found, self._web = self._read()
        self._works = Works(self._found, self._loop, self._tally)

    def _read(self) -> tuple[Configuration, Web]:
        found = read_configuration(self._file)
        web = read_web(self._web_file) if self._web_file is not None else OPEN
        self._read_at = time.time()
        return found, web

    @property
    def desk(self) -> Desk:
        return Desk(self.probe, self.own, lambda: self._web)

    def reload(self) -> None:
        """Read the files again. When they have errors these are told, and all stays as it was."""
        try:
            found, web = self._read()
            works = Works(found, self._loop, self._tally)
        except SansoError as error:
            self._good = False
            console.tell(error.say(console.language()))
            return
        old, self._works = self._works, works
        self._found, self._web, self._good = found, web, True
        old.close()
        console.tell(Text("The configuration was read again.", "設定を読み直しました。"))

    def close(self) -> None:
        self._works.close()
        self._loop.close()

    def probe(self, asked: Asked) -> Rows:
        """The rows of one probe. Raises WrongRequestError for a module or target that is not here."""
        module = self._works.modules.get(asked.module)
        if module is None:
            names = ", ".join(self._works.modules)
            known = "is not configured here" if asked.module in NAMES else "does not exist"
            msg = f"The module {asked.module!r} {known}; this exporter has: {names or 'none'}."
            raise WrongRequestError(msg)
        if asked.target not in module.targets:
            msg = f"The module {asked.module} has no target {asked.target!r} in the segment {self._found.segment}."
            raise WrongRequestError(msg)
        start = time.monotonic()
        try:
            answer = module.probe(asked.target, Deadline(asked.seconds))
        except Exception as error:  # noqa: BLE001 a module that fails is a probe that did not succeed
            answer = Answer((), _CRASHED.format(kind=type(error).__name__, error=error))
        taken = time.monotonic() - start
        self._note(asked, answer)
        return (
            *(row for row in answer.rows if row.samples),
            gauge(
                "sanso_probe_success", "Whether the probe could tell all it is asked for.", [({}, not answer.trouble)]
            ),
            gauge("sanso_probe_duration_seconds", "Time the probe took.", [({}, taken)]),
        )

    def _note(self, asked: Asked, answer: Answer) -> None:
        """Count it, and tell a trouble when it begins, changes or ends."""
        key = (asked.module, asked.target)
        said = answer.trouble.say(console.language()) if answer.trouble else ""
        with self._lock:
            self._tally.probes[asked.module] = self._tally.probes.get(asked.module, 0) + 1
            self._tally.failures[asked.module] = self._tally.failures.get(asked.module, 0) + bool(said)
            before = self._troubles.get(key, "")
            self._troubles[key] = said
        if said != before:
            console.tell(
                f"{asked.module} {asked.target}: {said or Text('well again', '復旧しました').say(console.language())}"
            )

    def own(self) -> Rows:
        """The exporter's own rows."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        return (*registry.collect(), *self._own())

    def _own(self) -> Iterator[Metric]:
        with self._lock:
            probes, failures = dict(self._tally.probes), dict(self._tally.failures)
        yield gauge(
            "sanso_exporter_build_info",
            "What this exporter is.",
            [({"version": version("sanso"), "city": self._found.city, "exporter_segment": self._found.segment}, 1)],
        )
        if probes:
            rows = (({"module": name}, count) for name, count in probes.items())
            yield counter("sanso_exporter_probes_total", "Probes answered.", rows)
            lost = (({"module": name}, count) for name, count in failures.items())
            yield counter("sanso_exporter_probes_failed_total", "Probes that did not succeed.", lost)
        yield gauge(
            "sanso_exporter_config_last_reload_successful",
            "Whether the files were without error when they were last read.",
            [({}, self._good)],
        )
        yield gauge(
            "sanso_exporter_config_last_reload_success_timestamp_seconds",
            "When the files in force were read.",
            [({}, self._read_at)],
        )


def check(file: Path, web_file: Path | None) -> None:
    """Read both files. Raises DocumentError with every error of the first that has any."""
    read_configuration(file)
    if web_file is not None:
        read_web(web_file)


def serve(file: Path, address: str, web_file: Path | None) -> int:
    """Answer until SIGTERM or SIGINT; its exit code is 0 then. SansoError when it cannot start."""
    place = place_of(address)
    exporter = Exporter(file, web_file)
    try:
        server = Server(place, exporter.desk)
    except OSError as error:
        exporter.close()
        reason = error.strerror or str(error)
        raise SansoError(
            Text(f"Cannot listen on {address}: {reason}.", f"{address} で待ち受けできません: {reason}。")
        ) from None
    asked, asks = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    os.set_blocking(asked, True)
    signal.set_wakeup_fd(asks)  # whichever thread a signal comes to
    for wish in _WISHES:
        signal.signal(wish, lambda _number, _frame: None)
    threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
    console.tell(Text(f"Listening on {address}.", f"{address} で待ち受けています。"))
    try:
        while os.read(asked, 1)[0] == signal.SIGHUP:
            exporter.reload()
    finally:
        server.shutdown()
        server.server_close()
        exporter.close()
    return EXIT_OK
