"""Links and circuits: what is joined to what, and whether every site is reached."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import problem
from inventory.checks.layer2 import ROLE_WORD
from inventory.checks.survey import ROUTERS, Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import listed, same, tied


def links_join(survey: Survey) -> Iterator[Finding]:
    """A link joins two devices; between routers and firewalls it has a number; a firewall is joined to cores only."""
    for s, site in survey.city.sites.items():
        taken = {link.number for link in site.links.values()}
        for key, link in site.links.items():
            path = ("sites", s, "links", key)
            if link.a.device == link.b.device:
                yield problem(
                    "link-loop",
                    (*path, "b"),
                    Text("both ends are on one device", "両端が同じ機器です"),
                    expected=Text("two devices", "2 台の機器"),
                    found=same(f"{link.a}, {link.b}"),
                )
                continue
            roles = {name: site.devices[name].role for name in (link.a.device, link.b.device)}
            if "firewall" in roles.values():
                others = [name for name, role in roles.items() if role not in {"core", "firewall"}]
                if others or len(set(roles.values())) == 1:
                    other = ROLE_WORD[roles[others[0]] if others else "firewall"]
                    yield problem(
                        "firewall-link",
                        path,
                        Text("a firewall is linked to cores only", "ファイアウォールはコアとだけ接続できます"),
                        expected=Text("a core at the other end", "反対側はコア"),
                        found=other,
                    )
            if "access" not in roles.values() and link.number is None:
                free = next(number for number in range(len(taken) + 1) if number not in taken)
                yield problem(
                    "link-number-missing",
                    path,
                    Text("a link between routers needs a number", "ルータ間の配線には番号が要ります"),
                    expected=Text(
                        "`number:` from 0 to 15; its transit addresses follow from it",
                        "`number:` に 0 から 15 (ルータ間アドレスが決まります)",
                    ),
                    found=Text("nothing", "何も書かれていません"),
                    hint=Text(f"free: {free}", f"空き番号: {free}"),
                )


def circuits_join(survey: Survey) -> Iterator[Finding]:
    """A circuit joins routers of two sites."""
    for key, circuit in survey.city.circuits.items():
        path = ("circuits", key)
        ends = [("a", *survey.devices[circuit.a.device]), ("b", *survey.devices[circuit.b.device])]
        for end, _, _, device in ends:
            if device.role not in ROUTERS:
                yield problem(
                    "circuit-role",
                    (*path, end),
                    Text("a circuit ends on a router", "回線の端はルータです"),
                    expected=Text("a core or an edge router", "コアまたは拠点ルータ"),
                    found=ROLE_WORD[device.role],
                )
        if ends[0][1] == ends[1][1]:
            yield problem(
                "circuit-inside",
                (*path, "b"),
                Text(f"both ends are at site {ends[0][1]}", f"両端が同じ拠点 {ends[0][1]} にあります"),
                expected=Text("two sites", "2 つの拠点"),
                found=same(f"{circuit.a}, {circuit.b}"),
                hint=Text(
                    "a cable inside a site stands under the site's `links:`", "拠点内の配線は拠点の `links:` に書きます"
                ),
            )


def sites_reached(survey: Survey) -> Iterator[Finding]:
    """Circuits lead from every site to every other."""
    city = survey.city
    if not survey.sound("circuits") or not survey.sound("sites"):
        return
    sites = [key for key, site in city.sites.items() if site.devices]
    group = {key: key for key in sites}

    def root(key: str) -> str:
        while group[key] != key:
            group[key] = group[group[key]]
            key = group[key]
        return key

    for circuit in city.circuits.values():
        a, b = survey.devices[circuit.a.device][0], survey.devices[circuit.b.device][0]
        group[root(a)] = root(b)
    members: dict[str, list[str]] = {}
    for key in sites:
        members.setdefault(root(key), []).append(key)
    if len(members) < 2:  # noqa: PLR2004 one whole network
        return
    main = max(members.values(), key=len)
    for rows in members.values():
        for key in rows if rows is not main else ():
            others = listed(main, most=4)
            yield problem(
                "site-unreachable",
                ("sites", key),
                Text("no circuit leads from it to the rest of the city", "市のほかの拠点へつながる回線がありません"),
                expected=Text(f"a circuit to {others.en}", f"{others.ja} への回線"),
                found=Text("none", "なし"),
                hint=Text("add an entry under `circuits:`", "`circuits:` に回線を加えてください"),
            )


def firewalls_speak(survey: Survey) -> Iterator[Finding]:
    """Every firewall has an AS number of its own (eBGP to the cores and to the peers)."""
    city = survey.city
    seen = {city.asn: Text("the cores", "コア")}
    seen |= {peer.asn: Text(f"peer {key}", f"外部接続先 {key}") for key, peer in city.peers.items()}
    for name, (s, key, device) in survey.devices.items():
        path = ("sites", s, "devices", key)
        if device.role != "firewall":
            continue
        if device.asn is None:
            if survey.sound(*path):
                yield problem(
                    "asn-missing",
                    path,
                    Text("a firewall needs an AS number", "ファイアウォールには AS 番号が要ります"),
                    expected=Text("`asn:` with a number of its own", "`asn:` に重複しない番号"),
                    found=Text("nothing", "何も書かれていません"),
                    hint=Text(f"free: {_free(seen)}", f"空き番号: {_free(seen)}"),
                )
            continue
        if device.asn in seen:
            holder = seen[device.asn]
            yield problem(
                "asn-twice",
                (*path, "asn"),
                Text(f"AS number {device.asn} is already used", f"AS 番号 {device.asn} は使用済みです"),
                expected=Text("a number of its own", "重複しない番号"),
                found=Text(f"{device.asn}, as have {holder.en}", f"{tied(holder.ja, 'と同じ')} {device.asn}"),
                hint=Text(f"free: {_free(seen)}", f"空き番号: {_free(seen)}"),
            )
        seen[device.asn] = same(name)


def _free(seen: dict[int, Text]) -> int:
    return next(number for number in range(64513, 65535) if number not in seen)
