"""`device/mend` beside a stand-in for vtysh that tells what a router of FRR 8.4 told when it had forgotten a route."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

MEND = Path(__file__).parents[3] / "network/drivers/device/mend"
FORGOTTEN = """\
VRF guest:
S>* 0.0.0.0/0 [1/0] via 10.32.0.0 (recursive), weight 1, 00:05:45
VRF guest:
S   ::/0 [1/0] via fd79:a5:3:: inactive, weight 1, 00:05:44

VRF internet:
S>  ::/0 [1/0] via fd79:a5:3:: (recursive), weight 1, 00:05:45
  *              via fe80::5a:ff:fe01:b, eth11.2003, weight 1, 00:05:45
"""
RUNNING = """\
vrf guest
 ip route 0.0.0.0/0 10.32.0.0
 ipv6 route ::/0 fd79:a5:3:: tag 9
exit-vrf
!
vrf internet
 ipv6 route ::/0 fd79:a5:3::
exit-vrf
"""
VTYSH = """\
#!/bin/sh
case "$*" in
*running-config*) cat {folder}/running ;;
*route*) cat {folder}/routes ;;
-f*) cat "$2" >>{folder}/said ;;
esac
"""


@pytest.mark.lab
@pytest.mark.parametrize(
    ("routes", "said"),
    [
        (
            FORGOTTEN,
            "".join(f"vrf guest\n{word}ipv6 route ::/0 fd79:a5:3:: tag 9\nexit-vrf\n" for word in ("no ", "")),
        ),
        (FORGOTTEN.replace(" inactive", " (recursive)"), ""),
    ],
)
def test_a_forgotten_route_is_taken_back_and_said_again(tmp_path: Path, routes: str, said: str) -> None:
    (tmp_path / "routes").write_text(routes, encoding="utf-8")
    (tmp_path / "running").write_text(RUNNING, encoding="utf-8")
    (tmp_path / "said").touch()
    vtysh = tmp_path / "vtysh"
    vtysh.write_text(VTYSH.format(folder=tmp_path), encoding="utf-8")
    vtysh.chmod(0o755)
    script = f"mount -t tmpfs tmpfs /run && PATH={tmp_path}:$PATH exec sh {MEND} 1"
    subprocess.run(["unshare", "--mount", "sh", "-c", script], check=True)
    assert (tmp_path / "said").read_text(encoding="utf-8") == said
