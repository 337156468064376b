"""iputils' ping: the command, and what it says in NAPALM's shape."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Any

from .platforms import device_file

_REPLY = re.compile(r"bytes from (?P<address>[^ ]+?):? .*time=(?P<time>[0-9.]+) ms")
_SUMMARY = re.compile(r"(?P<sent>[0-9]+) packets transmitted, (?P<received>[0-9]+) received")
_TIMES = re.compile(r"= (?P<low>[0-9.]+)/(?P<mean>[0-9.]+)/(?P<high>[0-9.]+)/(?P<deviation>[0-9.]+) ms")


def ping_command(destination: str, source: str, *, ttl: int, timeout: int, size: int, count: int) -> str:  # noqa: PLR0913 NAPALM's
    """`source` is an address or an interface; `timeout` in seconds for each packet, `size` in bytes."""
    words = ["ping", "-n", "-i", "0.2", "-c", str(count), "-W", str(timeout), "-s", str(size), "-t", str(ttl)]
    return shlex.join([*words, *(["-I", source] if source else []), "--", destination])


def sweep_command(destinations: Iterable[str]) -> str:
    """One ping to each address, many at a time; it prints those that answered within a second."""
    return shlex.join(["perl", "-e", device_file("sweep").decode(), *destinations])


def ping_result(text: str) -> dict[str, Any]:
    """`{"success": …}` when ping ran, also when nothing answered; `{"error": …}` else. Times in milliseconds."""
    summary = _SUMMARY.search(text)
    if summary is None:
        return {"error": " ".join(text.split())}
    times = _TIMES.search(text)
    low, mean, high, deviation = map(float, times.groups()) if times else (0.0, 0.0, 0.0, 0.0)
    sent = int(summary["sent"])
    return {
        "success": {
            "probes_sent": sent,
            "packet_loss": sent - int(summary["received"]),
            "rtt_min": low,
            "rtt_avg": mean,
            "rtt_max": high,
            "rtt_stddev": deviation,
            "results": [{"ip_address": item["address"], "rtt": float(item["time"])} for item in _REPLY.finditer(text)],
        }
    }
