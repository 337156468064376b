from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.runbooks.drills.town import Town
from tests.secrecy import Listener


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    found = Town(tmp_path_factory.mktemp("town"))
    try:
        with Listener() as listener:
            found.up()
        found.heard = listener.heard
        yield found
    finally:
        found.sanso("lab", "down")


@pytest.fixture(autouse=True)
def _nobody_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "town" in request.fixturenames:
        request.getfixturevalue("town").send_home()
