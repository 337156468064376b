"""Terminals and segments: one segment a terminal, My Number by wire, guests apart."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import Path, problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import listed, one_of

LAST_WIRED_ONLY = "2022-03"
"""Up to this edition the My Number segment had no wireless at all (C29)."""

GUEST_SEGMENTS = frozenset({"guest"})


def terminals_in_one_segment(survey: Survey) -> Iterator[Finding]:
    """No terminal stands in two segments (C07)."""
    for s, site in survey.city.sites.items():
        for key, terminals in site.terminals.items():
            path: Path = ("sites", s, "terminals", key)
            segments = list(dict.fromkeys(site.vlans[name].segment for name in terminals.vlans))
            if len(segments) > 1:
                row = listed(f"{name} ({site.vlans[name].segment})" for name in terminals.vlans)
                yield problem(
                    "terminal-two-segments",
                    (*path, "vlan"),
                    Text("a terminal stands in one segment only", "1 台の端末は 1 つの領域にしか置けません"),
                    expected=Text("VLANs of one segment", "1 つの領域の VLAN"),
                    found=row,
                    hint=Text("make one terminal group for each segment", "領域ごとに端末群を分けてください"),
                )
            elif not terminals.vlans:
                yield problem(
                    "terminal-no-vlan",
                    (*path, "vlan"),
                    Text("the terminals stand in no VLAN", "端末の VLAN がありません"),
                    expected=one_of(site.vlans),
                    found=Text("an empty list", "空のリスト"),
                )


def mynumber_wired(survey: Survey) -> Iterator[Finding]:
    """My Number VLANs are wired: forbidden otherwise up to edition 2022-03, on conditions since."""
    if not survey.sound("city", "edition"):
        return
    edition = survey.city.edition
    forbidden = edition <= LAST_WIRED_ONLY
    for lan in survey.lans:
        if survey.city.segments[lan.vlan.segment].kind == "mynumber" and lan.vlan.medium == "wireless":
            yield _wireless((*lan.path, "medium"), edition, forbidden=forbidden)
    for s, site in survey.city.sites.items():
        for key, terminals in site.terminals.items():
            kind = survey.city.terminal_classes[terminals.class_].kind
            inside = any(survey.city.segments[site.vlans[v].segment].kind == "mynumber" for v in terminals.vlans)
            if inside and kind == "access-point":
                yield _wireless(("sites", s, "terminals", key, "class"), edition, forbidden=forbidden)


def _wireless(path: Path, edition: str, *, forbidden: bool) -> Finding:
    conditions = Text(
        "the edition allows it on conditions: certificates for both sides, an SSID of its own, watched",
        "この版では条件つきで認められます (相互の証明書認証、専用 SSID、監視など)。条件を満たすことを確かめてください",
    )
    return problem(
        "mynumber-wireless",
        path,
        Text("My Number systems are reached by wire", "マイナンバー利用事務系は有線で接続します"),
        expected=Text(f"wired (guideline edition {edition})", f"有線 (ガイドライン {edition} 版)"),
        found=Text("wireless", "無線"),
        hint=None if forbidden else conditions,
        severity="error" if forbidden else "warning",
    )


def guests_apart(survey: Survey) -> Iterator[Finding]:
    """Guest terminals stand in guest segments (C31)."""
    for s, site in survey.city.sites.items():
        for key, terminals in site.terminals.items():
            if survey.city.terminal_classes[terminals.class_].kind != "guest":
                continue
            for name in terminals.vlans:
                segment = survey.city.segments[site.vlans[name].segment]
                if segment.kind in GUEST_SEGMENTS:
                    continue
                mynumber = segment.kind == "mynumber"
                yield problem(
                    "mynumber-guest" if mynumber else "guest-inside",
                    ("sites", s, "terminals", key, "vlan"),
                    Text(
                        "guests' terminals stand in a guest segment only",
                        "来庁者の端末は来庁者用の領域にしか置けません",
                    ),
                    expected=one_of(_guest_vlans(survey, s))
                    if _guest_vlans(survey, s)
                    else Text("a VLAN of a guest segment", "来庁者用の領域の VLAN"),
                    found=Text(f"{name} ({site.vlans[name].segment})", f"{name} ({site.vlans[name].segment})"),
                    hint=None
                    if _guest_vlans(survey, s)
                    else Text(
                        "add a segment of kind guest and a VLAN in it",
                        "種類が guest の領域とその VLAN を加えてください",
                    ),
                )


def _guest_vlans(survey: Survey, site: str) -> list[str]:
    vlans = survey.city.sites[site].vlans
    return [key for key, vlan in vlans.items() if survey.city.segments[vlan.segment].kind in GUEST_SEGMENTS]
