"""A city's lab for a benchmark: booted in a state directory of its own, taken down at the end."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inventory.loader import load_city
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab, boot
from network.render import render


@contextmanager
def city_lab(city: str, *, configured: bool = True) -> Iterator[tuple[Fabric, Lab]]:
    """The fabric and the lab of `city`, converged (or bare) when the block begins."""
    fabric = build_fabric(load_city(city))
    states = compile_fabric(fabric, dt.datetime.now(tz=dt.UTC).date())
    texts = {name: render(state) for name, state in states.items()} if configured else None
    with tempfile.TemporaryDirectory(prefix="sanso-bench-") as folder:
        lab = boot(fabric, texts, Path(folder))
        try:
            yield fabric, lab
        finally:
            lab.down()
