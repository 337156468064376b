"""Real connections through the small city: what becomes of them when rows of the register go or change."""

from __future__ import annotations

import datetime as dt
import re
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from inventory.model import City
from inventory.windows import DAYS, JAPAN, Window
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab
from network.lab.syscalls import network
from network.render import render
from network.render.nftables import FRR_SECTION, NFT_SECTION

pytestmark = pytest.mark.lab
DAY = dt.date(2026, 11, 20)
FIREWALLS = ("hall-fw1", "dc-fw1")
OPENS_S, ARRIVES_S, STALLED_S = 20.0, 10.0, 3.0
ENDS = {"f001": ("hall-lg-pc", "peer-lgwan", 443), "f004": ("hall-lg-gate", "dc-mn-core", 8443)}
"""Row → who opens a connection, to whom, and on which port."""
ADDRESSES = {
    "peer-lgwan": ("172.20.10.10", "fd00:20::10"),
    "dc-mn-core": ("10.16.32.10", "fd5a:1:1:200::a"),
}


@dataclass(frozen=True)
class Connection:
    """Both ends of an open connection."""

    opener: socket.socket
    other: socket.socket

    def asks(self) -> bool:
        return _arrives(self.opener, self.other)

    def answers(self) -> bool:
        return _arrives(self.other, self.opener)


def stalled(connections: tuple[Connection, ...]) -> bool:
    """Whether nothing arrives at any end, though every other end sends."""
    ends = [end for one in connections for end in (one.opener, one.other)]
    for end in ends:
        end.sendall(b"x")
    return not select.select(ends, [], [], STALLED_S)[0]


def _arrives(sender: socket.socket, receiver: socket.socket) -> bool:
    receiver.settimeout(ARRIVES_S)
    sender.sendall(b"x")
    try:
        return bool(receiver.recv(4096))
    except TimeoutError:
        return False


@pytest.fixture
def load(mini_lab_configured: Lab, mini_fabric: Fabric) -> Iterator[Callable[..., None]]:
    """Brings other rules to the firewalls, each in one transaction as the driver does; put back at the end."""

    def rules(city: City, change: Callable[[str], str] = str) -> None:
        states = compile_fabric(build_fabric(city), DAY)
        for name in FIREWALLS:
            text = render(states[name])
            part = text[text.index(NFT_SECTION) + len(NFT_SECTION) : text.index(FRR_SECTION)]
            done = mini_lab_configured.run(
                name, ["env", "TZ=UTC", "nft", "-f", "-"], input=f"flush ruleset\n{change(part)}"
            )
            assert done.returncode == 0, done.stderr

    yield rules
    rules(mini_fabric.city)


@pytest.fixture
def opened(mini_lab_configured: Lab) -> Iterator[Callable[[str], tuple[Connection, ...]]]:
    """Opens a connection of a row in each family."""
    lab = mini_lab_configured
    with ExitStack() as stack:

        def connection(row: str, address: str) -> Connection:
            opener, other, port = ENDS[row]
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with network(lab.netns(other)):
                door = stack.enter_context(socket.socket(family))
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                door.bind((address, port))
                door.listen()
            with network(lab.netns(opener)):
                near = stack.enter_context(socket.create_connection((address, port), OPENS_S))
            door.settimeout(OPENS_S)
            far = stack.enter_context(door.accept()[0])
            return Connection(near, far)

        def connections(row: str) -> tuple[Connection, ...]:
            return tuple(connection(row, address) for address in ADDRESSES[ENDS[row][1]])

        yield connections


def around_now(begin: int, end: int) -> Window:
    """A window on one day, from so many hours after now to so many."""
    first, last = (dt.datetime.now(JAPAN) + dt.timedelta(hours=hours) for hours in (begin, end))
    return Window((first.weekday(),), first.hour * 60 + first.minute, last.hour * 60 + last.minute)


def in_window(city: City, *windows: Window) -> City:
    flow = city.flows["f004"].model_copy(update={"kind": "maintenance", "window": windows})
    return city.model_copy(update={"flows": {**city.flows, "f004": flow}})


def without(city: City) -> City:
    return city.model_copy(update={"flows": {key: flow for key, flow in city.flows.items() if key != "f004"}})


def expired(city: City) -> City:
    ended = city.flows["f004"].model_copy(update={"expires_on": DAY - dt.timedelta(days=1)})
    return city.model_copy(update={"flows": {**city.flows, "f004": ended}})


def test_a_window_lets_connections_through_until_it_ends_and_again_when_it_opens(
    mini_lab_configured: Lab,
    mini_fabric: Fabric,
    load: Callable[..., None],
    opened: Callable[[str], tuple[Connection, ...]],
) -> None:
    now, later = around_now(-2, 2), around_now(2, 4)
    yesterday = Window(((now.days[0] - 1) % len(DAYS),), now.start, now.end)
    city = mini_fabric.city
    load(in_window(city, now, later))
    held, other = opened("f004"), opened("f001")
    assert all(one.asks() and one.answers() for one in (*held, *other))
    load(in_window(city, later, yesterday))
    assert stalled(held)
    assert all(one.answers() and one.asks() for one in other)
    opener, other_end, port = ENDS["f004"]
    for address in ADDRESSES[other_end]:
        with network(mini_lab_configured.netns(opener)), pytest.raises(TimeoutError):
            socket.create_connection((address, port), STALLED_S)
    load(in_window(city, now))
    assert all(one.asks() and one.answers() for one in held)


@pytest.mark.parametrize("ending", [without, expired])
def test_a_row_that_ends_takes_its_connections_along_and_no_others(
    mini_fabric: Fabric,
    load: Callable[..., None],
    opened: Callable[[str], tuple[Connection, ...]],
    ending: Callable[[City], City],
) -> None:
    stay, go = opened("f001"), opened("f004")
    assert all(one.asks() and one.answers() for one in (*stay, *go))
    load(ending(mini_fabric.city))
    assert all(one.answers() and one.asks() for one in stay)
    assert stalled(go)


def test_a_row_that_permits_something_else_ends_what_it_no_longer_permits(
    mini_fabric: Fabric, load: Callable[..., None], opened: Callable[[str], tuple[Connection, ...]]
) -> None:
    go = opened("f004")
    flows = mini_fabric.city.flows
    moved = flows["f004"].model_copy(update={"ports": flows["f001"].ports})
    load(mini_fabric.city.model_copy(update={"flows": {**flows, "f004": moved}}))
    assert stalled(go)


def test_a_row_that_permits_more_keeps_its_connections(
    mini_fabric: Fabric, load: Callable[..., None], opened: Callable[[str], tuple[Connection, ...]]
) -> None:
    """Its mark is another one: a connection is known again as soon as its opener sends."""
    stay = opened("f001")
    flows = mini_fabric.city.flows
    wider = flows["f001"].model_copy(update={"ports": (*flows["f001"].ports, *flows["f004"].ports)})
    load(mini_fabric.city.model_copy(update={"flows": {**flows, "f001": wider}}))
    assert all(one.asks() and one.answers() for one in stay)


def test_connections_from_before_rules_gave_marks_go_on_when_their_opener_sends(
    mini_fabric: Fabric, load: Callable[..., None], opened: Callable[[str], tuple[Connection, ...]]
) -> None:
    load(mini_fabric.city, lambda text: re.sub(r" ct mark (set 0x[0-9a-f]{8}|@live)", "", text))
    stay, go = opened("f001"), opened("f004")
    load(without(mini_fabric.city))
    assert all(one.asks() and one.answers() for one in stay)
    assert stalled(go)
