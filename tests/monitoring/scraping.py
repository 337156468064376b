"""Exporters as processes of their own, asked as Prometheus asks."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
SANSO = [sys.executable, "-m", "sanso"]

LOOPBACK = f"127.77.{os.getpid() >> 8 & 255}.{os.getpid() % 254 + 1}"
"""A loopback address that no other run of the tests has."""
Labels = frozenset[tuple[str, str]]
Rows = dict[tuple[str, Labels], float]


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    rows: Rows

    def value(self, name: str, **labels: str) -> float:
        """The one row of that name whose labels include these."""
        (value,) = self.values(name, **labels).values()
        return value

    def values(self, name: str, **labels: str) -> dict[Labels, float]:
        return {
            found: value
            for (row, found), value in self.rows.items()
            if row == name and found >= frozenset(labels.items())
        }


def get(
    url: str, *, timeout: float = 10, headers: dict[str, str] | None = None, context: ssl.SSLContext | None = None
) -> Reply:
    """Ask as Prometheus asks; OSError when nobody listens."""
    sent = {"X-Prometheus-Scrape-Timeout-Seconds": str(timeout), **(headers or {})}
    request = urllib.request.Request(url, headers=sent)  # noqa: S310 the tests' own addresses
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310 likewise
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read().decode(), {})
    rows = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return Reply(200, text, rows)


def linted(reply: Reply) -> None:
    """Prometheus' own check of names, units, types and help texts has nothing to say."""
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=reply.text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, ""), reply.text


def until(true: Callable[[], bool], patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return get(url).status > 0
    except OSError:
        return False


@contextmanager
def exporter(file: Path, port: int, *more: str) -> Iterator[subprocess.Popen[str]]:
    """`sanso exporter` on 127.0.0.1, up when the block begins."""
    words = [*SANSO, "exporter", "--config.file", str(file), "--web.listen-address", f"127.0.0.1:{port}", *more]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "LANG": "C"})
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "Listening" in line, line
        yield process
    finally:
        process.kill()
        process.communicate()
