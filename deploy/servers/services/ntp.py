"""Time (chrony): from the city's time source over the management network, on to the server's own segment only.

No segment asks another one: the chain is the source, then each segment's servers. When the source is lost they go on
together by their own clocks (orphan mode).
"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.servers.services.part import Part, Seat, check_script, segment_prefixes
from deploy.servers.text import ManagedFile

CONFIGURATION = "/etc/chrony/chrony.conf"
OPTIONS = "/etc/default/chrony"
CHECKERS = {CONFIGURATION: "chronyd -p -f {file} >/dev/null", OPTIONS: "sh -n {file}"}
_SYS_TIME = 25

# `service` reads the options as shell. systemd does not: there a machine that may not set its clock runs no chronyd.
_OPTIONS = f"""\
DAEMON_OPTS="-F 1"
# A container may not set the clock, its host does: then time is given as it is found.
capabilities=0x$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
[ $((capabilities >> {_SYS_TIME} & 1)) = 1 ] || DAEMON_OPTS="$DAEMON_OPTS -x"
"""


def part(seat: Seat) -> Part:
    """What the server needs to give time to its segment."""
    return Part(
        packages=("chrony",),
        daemons=("chrony",),
        files=(
            ManagedFile(CONFIGURATION, "\n".join(_lines(seat)) + "\n", daemon="chrony"),
            ManagedFile(OPTIONS, _OPTIONS, daemon="chrony"),
            check_script("ntp", _check(seat)),
        ),
    )


def _lines(seat: Seat) -> Iterator[str]:
    source = seat.fabric.city.management.time
    if source is not None:
        yield f"server {source} iburst"
    yield f"bindaddress {seat.host.ipv4.ip}"
    yield f"bindaddress {seat.host.ipv6.ip}"
    yield from (f"allow {prefix}" for prefix in segment_prefixes(seat))
    yield "local stratum 10 orphan"
    yield "cmdport 0"
    yield "driftfile /var/lib/chrony/chrony.drift"
    yield "ntsdumpdir /var/lib/chrony"
    yield "logdir /var/log/chrony"
    yield "maxupdateskew 100.0"
    yield "makestep 1 3"
    yield "rtcsync"
    yield "leapsectz right/UTC"


def _check(seat: Seat) -> str:
    """It gives time to its own segment: asked as a client asks, once over each family."""
    asks = (
        f"chronyd -Q -t 3 'server {address.ip} iburst maxsamples 1' >/dev/null 2>&1"
        for address in (seat.host.ipv4, seat.host.ipv6)
    )
    return " &&\n".join(asks) + "\n"
