"""Declared model (αモデル …) and guideline edition against what the inventory has."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import same

FIRST_EDITION = {"alpha": "2018-09", "beta": "2020-12", "beta-prime": "2020-12", "alpha-prime": "2024-10"}
"""The edition that brought each model."""

OUTSIDE = frozenset({"internet", "security-cloud"})
PEER_SEGMENT = {"lgwan": "lgwan", "security-cloud": "internet", "internet": "internet"}
"""Which kind of segment a peer serves."""


def model_in_edition(survey: Survey) -> Iterator[Finding]:
    """The declared model exists in the declared edition."""
    city = survey.city
    if not survey.sound("city"):
        return
    first = FIRST_EDITION[city.model]
    if city.edition < first:
        yield problem(
            "model-edition",
            ("city", "model"),
            Text(f"edition {city.edition} has no model {city.model}", f"{city.edition} 版に {city.model} はありません"),
            expected=Text(f"edition {first} or later", f"{first} 版以降"),
            found=same(f"{city.model}, {city.edition}"),
        )


def breakout_in_model(survey: Survey) -> Iterator[Finding]:
    """From LGWAN straight to the internet only as a listed breakout of the α′ model (C14, C24)."""
    city = survey.city
    if not survey.sound("city", "model"):
        return
    for key, flow in city.flows.items():
        sources, destinations = survey.zones_of(flow.source), survey.zones_of(flow.destination)
        if len(sources) != 1 or len(destinations) != 1 or not destinations[0].startswith("peer:"):
            continue
        source = city.segments.get(sources[0])
        outside = city.peers[destinations[0].removeprefix("peer:")].kind in OUTSIDE
        if source is None or source.kind != "lgwan" or not outside:
            continue
        if city.model != "alpha-prime" or flow.kind != "breakout":
            yield problem(
                "flow-lgwan-internet",
                ("flows", key),
                Text(
                    "LGWAN does not reach the internet directly", "LGWAN 接続系からインターネットへ直接は接続できません"
                ),
                expected=Text(
                    "a flow of kind breakout in a city of model alpha-prime",
                    "α′モデル (alpha-prime) の市での breakout (ローカルブレイクアウト)",
                ),
                found=same(f"{flow.kind}, {city.model}"),
            )


def internet_by_security_cloud(survey: Survey) -> Iterator[Finding]:
    """The security cloud is the only way to the internet, α′ breakouts aside (C18, C19); peers serve their segment."""
    city = survey.city
    for key, peer in city.peers.items():
        if (
            peer.kind == "internet"
            and peer.attachments
            and city.model != "alpha-prime"
            and survey.sound("city", "model")
        ):
            yield problem(
                "internet-bypass",
                ("peers", key, "attachments"),
                Text(
                    "the internet is reached through the security cloud only",
                    "インターネットへは自治体情報セキュリティクラウド経由に限ります",
                ),
                expected=Text(
                    "`behind:` the security cloud, no line of its own",
                    "`behind:` にセキュリティクラウド、独自の接続線なし",
                ),
                found=Text("a line of its own", "独自の接続線"),
            )
        wanted = PEER_SEGMENT.get(peer.kind)
        kind = city.segments[peer.segment].kind
        fine = {wanted, "dmz", "guest", "school"} if wanted == "internet" else {wanted}
        if city.model == "alpha-prime" and peer.kind == "internet":
            fine.add("lgwan")
        if wanted is not None and kind not in fine:
            yield problem(
                "peer-segment",
                ("peers", key, "segment"),
                Text(
                    f"a peer of kind {peer.kind} does not serve segment {peer.segment}",
                    f"種類が {peer.kind} の外部接続先は領域 {peer.segment} につなげません",
                ),
                expected=Text(f"a segment of kind {wanted}", f"種類が {wanted} の領域"),
                found=Text(f"{peer.segment}, of kind {kind}", f"{peer.segment} (種類 {kind})"),
            )
