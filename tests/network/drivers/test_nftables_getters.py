"""NAPALM's own suite for the driver `nftables`; NAPALM_TEST_MOCK=0 aims it at the device in NAPALM_HOSTNAME."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from napalm import get_network_driver
from napalm.base.test import conftest as napalm_conftest
from napalm.base.test.getters import BaseTestGetters
from napalm_double import HERE, patched


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    napalm_conftest.pytest_generate_tests(metafunc, str(HERE / "nftables" / "suite"))


@pytest.fixture(scope="class")
def set_device_parameters(request: pytest.FixtureRequest) -> Iterator[None]:
    request.cls.driver = get_network_driver("nftables")
    request.cls.patched_driver = patched("nftables")
    request.cls.vendor = "nftables"
    napalm_conftest.set_device_parameters(request)
    yield
    request.cls.device.close()


@pytest.mark.usefixtures("set_device_parameters")
class TestGetters(BaseTestGetters):  # type: ignore[misc]
    """Everything NAPALM asks of a driver's getters."""
