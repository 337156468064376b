"""A device is read in peace: not in the middle of what is being done on it."""

from __future__ import annotations

import threading
import time

import pytest
from handmade import Devices

pytestmark = pytest.mark.lab

PASSING = "ip prefix-list passing seq 5 permit 10.0.0.0/8"
MEND = f"""
mkdir -p /run/sanso
exec 9>/run/sanso/lock
flock 9
vtysh -c 'configure terminal' -c '{PASSING}'
touch /tmp/begun
sleep 2
vtysh -c 'configure terminal' -c 'no {PASSING}'
rm /tmp/begun
"""


@pytest.mark.parametrize("way", ["get_config", "observe"])
def test_what_is_being_done_on_a_device_is_waited_for(devices: Devices, way: str) -> None:
    busy = threading.Thread(target=devices.run, args=("r1", MEND))
    with devices.open("r1") as device:
        busy.start()
        until = time.monotonic() + 30
        while devices.run("r1", "[ ! -e /tmp/begun ]; echo $?").strip() == "0":
            assert time.monotonic() < until
        running = device.get_config("running")["running"] if way == "get_config" else device.observe({}).running
    busy.join()
    assert "hostname r1" in running
    assert PASSING not in running
