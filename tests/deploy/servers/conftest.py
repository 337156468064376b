from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from served_town import CITIES, DAY, Town, assert_nothing_told

from inventory.loader import load_city
from network.build import build_fabric
from network.compile import compile_fabric
from network.lab import boot
from network.render import render
from tests.secrecy import Listener


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    fabric = build_fabric(load_city(str(CITIES / "town"), DAY))
    configurations = {name: render(state) for name, state in compile_fabric(fabric, on=DAY).items()}
    work = tmp_path_factory.mktemp("servers")
    (work / "password").write_text("correct horse\n")
    (work / "password").chmod(0o600)
    for name in ("mini", "town"):
        shutil.copytree(CITIES / name, work / name)
    shutil.copytree(CITIES / "town", work / "other")
    changed = (work / "other/town.yaml").read_text()
    changed = changed.replace("[172.20.30.53]}", "[172.20.30.54]}\n  internet: {resolvers: [203.0.113.53]}")
    (work / "other/town.yaml").write_text(changed)
    shutil.copytree(CITIES / "town", work / "fewer")
    whole = (CITIES / "town/town.yaml").read_text()
    place = whole.index("services: [dns, ntp, watch]", whole.index("net-infra: "))
    fewer = whole[:place] + whole[place:].replace("[dns, ntp, watch]", "[watch]", 1)
    (work / "fewer/town.yaml").write_text(fewer)
    lab = boot(fabric, configurations, tmp_path_factory.mktemp("lab"))
    town = Town(lab, work, fabric)
    listener = Listener()
    listener.start()
    try:
        yield town
        listener.stop()
        if list(town.state.rglob("secrets.yaml")):
            assert_nothing_told(town, listener.heard)
    finally:
        lab.down()
