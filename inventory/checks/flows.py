"""The flow register: what may cross between segments, and in which kind of row."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import Path, problem, warning
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.marks import connection_mark
from inventory.model import Flow
from inventory.text import Text
from inventory.words import listed, same, subject

OUTSIDE_KINDS = frozenset({"internet", "security-cloud"})
SANITISED_TEXT = Text(
    "a sanitised flow names its gateway and how it sanitises", "無害化通信には無害化サーバと方式が要ります"
)


def flows_cross(survey: Survey) -> Iterator[Finding]:
    """A row crosses between two zones; inside one nothing filters."""
    for key, flow, source, destination in _known(survey):
        if source == destination:
            yield problem(
                "flow-inside",
                ("flows", key, "to"),
                Text(f"both ends stand in {source}", f"両端が同じ区画 {source} にあります"),
                expected=Text(
                    "ends in two segments; inside one no row is needed",
                    "異なる領域どうし (同じ領域内の通信に登録は要りません)",
                ),
                found=same(f"{flow.source} → {flow.destination}"),
            )
        if not flow.ports:
            yield problem(
                "flow-no-ports",
                ("flows", key, "ports"),
                Text("it permits nothing", "許可するポートがありません"),
                expected=Text("at least one, such as tcp/443", "1 つ以上 (例 tcp/443)"),
                found=Text("an empty list", "空のリスト"),
            )


def flows_of_mynumber(survey: Survey) -> Iterator[Finding]:
    """My Number: never with the internet (K02, C01), otherwise only as a registered specified flow (C02)."""
    for key, flow, source, destination in _known(survey):
        kinds = {zone: _kind(survey, zone) for zone in (source, destination)}
        if "mynumber" not in kinds.values():
            continue
        other = next((zone for zone, kind in kinds.items() if kind != "mynumber"), None)
        path: Path = ("flows", key)
        if other is not None and (kinds[other] == "internet" or _outside(survey, other)):
            yield problem(
                "flow-mynumber-internet",
                path,
                Text("My Number and the internet never meet", "マイナンバー利用事務系とインターネットは通信できません"),
                expected=Text("no such flow", "この通信を登録しない"),
                found=same(f"{source} → {destination}"),
            )
        elif flow.kind != "specified":
            yield problem(
                "flow-not-specified",
                (*path, "kind"),
                Text(
                    "what crosses into or out of My Number is a specified flow",
                    "マイナンバー利用事務系に出入りする通信は特定通信として登録します",
                ),
                expected=Text("specified", "specified (特定通信)"),
                found=same(flow.kind),
                hint=Text("did you mean `specified`?", "`specified` ではありませんか"),
            )
        if other is not None and kinds[other] in {"guest", "remote"}:
            yield warning(
                "flow-mynumber-remote",
                path,
                Text(
                    "guests and remote work do not reach My Number",
                    "来庁者やテレワークからマイナンバー利用事務系には接続しません",
                ),
                expected=Text("no such flow", "この通信を登録しない"),
                found=same(f"{source} → {destination}"),
            )


def flows_sanitised(survey: Survey) -> Iterator[Finding]:
    """From the internet to LGWAN only through a sanitising gateway that stands at one end (C13)."""
    for key, flow, source, destination in _known(survey):
        path: Path = ("flows", key)
        into = _kind(survey, source) == "internet" and _kind(survey, destination) == "lgwan"
        if into and flow.kind != "sanitised":
            yield problem(
                "flow-not-sanitised",
                (*path, "kind"),
                Text(
                    "what comes from the internet into LGWAN is sanitised",
                    "インターネット接続系から LGWAN 接続系への通信は無害化が要ります",
                ),
                expected=Text(
                    "sanitised, with `gateway` and `sanitised_by`",
                    "sanitised (無害化通信) と `gateway`、`sanitised_by`",
                ),
                found=same(flow.kind),
            )
        if flow.kind != "sanitised":
            continue
        lacking = [name for name in ("gateway", "sanitised_by") if getattr(flow, name) is None]
        lacking = [name for name in lacking if survey.sound(*path, name)]
        if lacking:
            row = listed(f"`{name}`" for name in lacking)
            yield problem(
                "flow-no-gateway",
                path,
                SANITISED_TEXT,
                expected=Text(
                    "`gateway` (a server) and `sanitised_by` (screen-transfer, mail-text or file)",
                    "`gateway` (サーバ) と `sanitised_by` (screen-transfer、mail-text、file)",
                ),
                found=Text(f"{row.en} missing", f"{row.ja} がありません"),
            )
        elif flow.gateway is not None and not _at_an_end(survey, flow, flow.gateway):
            yield problem(
                "flow-gateway-aside",
                (*path, "gateway"),
                Text("the gateway is at neither end", "無害化サーバが通信のどちらの端にもありません"),
                expected=Text(
                    f"a group with server {flow.gateway} as `from` or `to`",
                    f"サーバ {flow.gateway} を含むグループが `from` か `to`",
                ),
                found=same(f"{flow.source} → {flow.destination}"),
            )


def flows_maintained(survey: Survey) -> Iterator[Finding]:
    """Maintenance has a window, and nothing else has one (C37)."""
    for key, flow in survey.city.flows.items():
        path: Path = ("flows", key)
        if flow.kind == "maintenance" and not flow.window and survey.sound(*path, "window"):
            yield problem(
                "flow-no-window",
                path,
                Text("a maintenance row says when the work is done", "保守の行には作業時間帯が要ります"),
                expected=Text(
                    "`window`, such as sat,sun 22:00-05:00 or daily 01:00-04:00",
                    "`window` (作業時間帯。例 sat,sun 22:00-05:00、daily 01:00-04:00)",
                ),
                found=Text("`window` missing", "`window` がありません"),
            )
        elif flow.kind != "maintenance" and flow.window:
            yield problem(
                "flow-window-aside",
                (*path, "window"),
                Text("only maintenance has a window", "作業時間帯を持つのは保守の行だけです"),
                expected=Text("no `window`, or kind maintenance", "`window` なし、または kind が maintenance (保守)"),
                found=Text(f"`window` in a row of kind {flow.kind}", f"種別 {flow.kind} の行に `window` があります"),
                hint=Text(
                    "the firewall closes a row outside its window; permanent traffic has none",
                    "ファイアウォールは時間帯の外では遮断します。常時の通信に時間帯は書けません",
                ),
            )


def flows_once(survey: Survey) -> Iterator[Finding]:
    """No two rows permit the same."""
    seen: dict[tuple[str, str, object], str] = {}
    for key, flow in survey.city.flows.items():
        for port in flow.ports:
            other = seen.setdefault((flow.source, flow.destination, port), key)
            if other != key:
                holder = subject(("flows", other))
                yield warning(
                    "flow-twice",
                    ("flows", key, "ports"),
                    Text(f"{port} is already registered", f"{port} は登録済みです"),
                    expected=Text("one row for each permission", "1 つの許可に 1 行"),
                    found=Text(f"also in {holder.en}", f"{holder.ja} にも登録"),
                )


def flows_told_apart(survey: Survey) -> Iterator[Finding]:
    """No two rows mark their connections alike: taking one out would leave its connections to the other."""
    seen: dict[int, str] = {}
    for key, flow in survey.city.flows.items():
        mark = connection_mark(key, flow)
        other = seen.setdefault(mark, key)
        if other != key:
            holder = subject(("flows", other))
            yield problem(
                "flow-mark-twice",
                ("flows", key),
                Text(
                    "firewalls cannot tell its connections from another row's",
                    "ファイアウォールが他の登録の接続と区別できません",
                ),
                expected=Text("a connection mark of its own", "重複しない接続マーク"),
                found=Text(f"{mark:#010x}, also of {holder.en}", f"{mark:#010x} ({holder.ja} と同じ)"),
                hint=Text(
                    "marks are computed from a row's name, groups and ports: give one of the two another name",
                    "接続マークは登録番号・発信元・宛先・ポートから計算されます。どちらかの登録番号を変えてください",
                ),
            )


def _known(survey: Survey) -> Iterator[tuple[str, Flow, str, str]]:
    """Rows whose ends stand in one zone each; the others' groups have findings of their own."""
    for key, flow in survey.city.flows.items():
        sources, destinations = survey.zones_of(flow.source), survey.zones_of(flow.destination)
        if len(sources) == 1 and len(destinations) == 1:
            yield key, flow, sources[0], destinations[0]


def _kind(survey: Survey, zone: str) -> str | None:
    """The kind of a zone's segment; of a peer's zone the kind of the segment the peer serves."""
    segment = survey.segment_behind(zone)
    return None if segment is None else segment.kind


def _outside(survey: Survey, zone: str) -> bool:
    peer = survey.city.peers.get(zone.removeprefix("peer:")) if zone.startswith("peer:") else None
    return peer is not None and peer.kind in OUTSIDE_KINDS


def _at_an_end(survey: Survey, flow: Flow, gateway: str) -> bool:
    site, _, server = survey.servers[gateway]
    vlan = f"{site}/{server.vlan}"
    segment = survey.lan[vlan].vlan.segment
    return any(
        member.server == gateway or member.vlan in {vlan, f"*/{server.vlan}"} or member.segment == segment
        for name in (flow.source, flow.destination)
        for member in survey.city.groups[name].members
    )
