"""The documents say what is configured, all of it, the same way every time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from xml.etree import ElementTree as ET

import pytest

from inventory.generate import generate_city
from inventory.loader import load_city
from network.compiled import Compiled, compile_city
from network.documents import documents

DAY = dt.date(2026, 11, 20)
MINI = "tests/cities/mini"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_city(load_city(MINI, DAY), DAY)


@pytest.fixture(scope="module")
def files(compiled: Compiled) -> dict[str, str]:
    return documents(compiled.fabric, compiled.states, compiled.texts)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def words(picture: str) -> str:
    return "\n".join("".join(node.itertext()) for node in ET.fromstring(picture).iter(f"{SVG}text"))  # noqa: S314 our own


def test_every_device_has_its_configuration_and_sheet(compiled: Compiled, files: dict[str, str]) -> None:
    for name, text in compiled.texts.items():
        assert files[f"configurations/{name}.conf"] == text
        assert name in files[f"sheets/{name}.html"]


def test_the_same_input_gives_the_same_bytes(files: dict[str, str]) -> None:
    again = compile_city(load_city(MINI, DAY), DAY)
    assert documents(again.fabric, again.states, again.texts) == files


def test_nothing_tells_the_time(files: dict[str, str]) -> None:
    today = dt.datetime.now(dt.UTC).date()
    for text in files.values():
        assert today.isoformat() not in text
        assert DAY.isoformat() not in text


def test_a_firewall_sheet_has_every_row_of_the_register_with_its_reason(
    compiled: Compiled, files: dict[str, str]
) -> None:
    sheet = files["sheets/hall-fw1.html"]
    for row, flow in compiled.fabric.city.flows.items():
        assert f"<td>{row}</td>" in sheet
        assert all(text in sheet for text in (flow.title, flow.reason, flow.document, str(flow.origin)))


def test_a_sheet_has_every_address_and_neighbour_and_port(compiled: Compiled, files: dict[str, str]) -> None:
    for name, state in compiled.states.items():
        sheet = files[f"sheets/{name}.html"]
        said = [str(address) for interface in state.interfaces for address in interface.addresses]
        said += [str(neighbor.address) for process in state.bgp for neighbor in process.neighbors]
        said += [item.name for table in state.tables for item in table.sets]
        said += [f"<td>{port.name}</td>" for bridge in state.bridges for port in bridge.ports]
        assert [text for text in said if text not in sheet] == []


def test_a_firewall_sheet_names_the_zone_of_each_interface(files: dict[str, str]) -> None:
    sheet = files["sheets/hall-fw1.html"]
    assert "<td>eth1.2002</td><td>LGWAN接続系(lgwan)</td>" in sheet
    assert "<td>eth5</td><td>外部: LGWAN</td>" in sheet


def test_text_from_the_inventory_cannot_break_a_page(compiled: Compiled) -> None:
    city = compiled.fabric.city
    flow = city.flows["f001"].model_copy(update={"title": "<script>alert(1)</script>"})
    changed = compile_city(city.model_copy(update={"flows": city.flows | {"f001": flow}, "title": "<b>市</b>"}), DAY)
    files = documents(changed.fabric, changed.states, changed.texts)
    assert "<script>" not in files["sheets/hall-fw1.html"]
    assert "<b>" not in files["network.svg"]


def test_the_address_book_has_every_prefix_and_address(compiled: Compiled, files: dict[str, str]) -> None:
    fabric = compiled.fabric
    prefixes = {row["IPv4プレフィックス"] for row in rows(files["prefixes.csv"])}
    assert {str(lan.ipv4) for lan in fabric.lans.values()} <= prefixes
    assert {str(transit.a.ipv4.network) for transit in fabric.transits} <= prefixes
    addresses = {row[column] for row in rows(files["addresses.csv"]) for column in ("IPv4アドレス", "IPv6アドレス")}
    configured = {a.ip for state in compiled.states.values() for i in state.interfaces for a in i.addresses}
    hosts = {address.ip for host in fabric.hosts.values() for address in (host.ipv4, host.ipv6)}
    management = {device.management.ip for device in fabric.devices.values()}
    assert {str(address) for address in configured | hosts | management} <= addresses


def test_host_names_are_unique_within_a_family(files: dict[str, str]) -> None:
    lines = [line.split() for line in files["hosts"].splitlines() if not line.startswith("#")]
    keys = [(":" in address, name) for address, name, _ in lines]
    assert len(set(keys)) == len(keys)
    assert ["10.24.17.10", "hall-lg-file.mini.example.lg.jp", "hall-lg-file"] in lines


def test_the_city_diagram_names_every_site_circuit_and_segment(compiled: Compiled, files: dict[str, str]) -> None:
    city = compiled.fabric.city
    said = words(files["network.svg"])
    assert [site.title for site in city.sites.values() if site.title not in said] == []
    assert [segment.title for segment in city.segments.values() if segment.title not in said] == []
    assert [peer.title for peer in city.peers.values() if peer.title not in said] == []
    assert "データセンター回線1 ダークファイバ 10G" in said
    drawn = {node.text for node in ET.fromstring(files["network.svg"]).iter(f"{SVG}title")}  # noqa: S314 our own
    assert set(city.circuits) <= drawn


def test_each_segment_has_a_colour_and_a_pattern_of_its_own(files: dict[str, str]) -> None:
    lines = re.findall(
        r'stroke="(#[0-9a-f]+)" stroke-width="2.4"(?: stroke-dasharray="([^"]*)")?', files["network.svg"]
    )
    styles = set(lines)
    assert len({colour for colour, _ in styles}) == len({dash for _, dash in styles}) == len(styles) == 3


@pytest.mark.parametrize("site", ["hall", "dc", "north"])
def test_a_site_diagram_names_every_device_port_and_vlan(compiled: Compiled, files: dict[str, str], site: str) -> None:
    fabric = compiled.fabric
    said = words(files[f"diagrams/{site}.svg"])
    for name, device in fabric.devices.items():
        if device.site == site:
            assert name in said
            assert all(port in said for _, port in fabric.wires_of[name])
    for lan in fabric.lans.values():
        assert (f"{lan.tag} {lan.title or lan.vlan} {lan.ipv4}" in said) == (lan.site == site)


def test_a_picture_of_any_city_stays_inside_its_frame() -> None:
    city = compile_city(generate_city(90, 12), DAY)
    files = documents(city.fabric, city.states, city.texts)
    for name, text in files.items():
        if name.endswith(".svg"):
            picture = ET.fromstring(text)  # noqa: S314 our own
            width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
            for box in picture.iter(f"{SVG}rect"):
                x, y = float(box.attrib.get("x", 0)), float(box.attrib.get("y", 0))
                assert x >= 0, name
                assert x + float(box.attrib["width"]) <= width, name
                assert y + float(box.attrib["height"]) <= height, name


def test_every_link_of_a_page_leads_somewhere(files: dict[str, str]) -> None:
    for name, text in files.items():
        if name.endswith(".html"):
            up = "../" if "/" in name else ""
            assert name != "index.html" or 'href="sheets/hall-fw1.html"' in text
            for target in re.findall(r'(?:href|src)="([^"]+)"', text):
                assert target.removeprefix(up) in files, (name, target)


def test_the_index_tells_every_workload_with_what_it_is_promised() -> None:
    city = load_city("yasu", DAY)
    made = compile_city(city, DAY)
    page = documents(made.fabric, made.states, made.texts)["index.html"]
    for work in city.workloads.values():
        assert f">{work.title}<" in page
        assert work.owner in page
    row = next(part for part in page.split("<tr>") if ">証明書発行(住民票・印鑑登録証明)<" in part)
    assert all(cell in row for cell in ("dc-mn-cert", "hall-mn-cert", "2 時間", "0 時間", "3 時間", "選んだ業務"))
