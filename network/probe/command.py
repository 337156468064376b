"""What `sanso lab probe` does: plan, measure, judge, tell."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache

from inventory import console
from inventory.errors import EXIT_FINDINGS, EXIT_OK
from inventory.loader import load_city
from inventory.model import City
from inventory.text import Text
from network.build import build_fabric
from network.lab import Lab, LabError
from network.probe.engine import Settings, measure
from network.probe.parties import PEER
from network.probe.plan import plan_of
from network.probe.show import told
from network.probe.verdict import judge


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asks: `city` None is the lab's, `detail` is FROM[:TO], `rate` in packets a second at most."""

    city: str | None
    on: dt.date
    detail: str | None = None
    rate: float | None = None
    as_json: bool = False


def run(lab: Lab, question: Question) -> int:
    """Probe a running lab; 0 when it agrees with the register, 1 when not. SansoError when it could not be tried."""
    model = load_city(question.city or lab.city)
    if model.name != lab.city:
        raise LabError(
            Text(
                f"The lab runs {lab.city}, not {model.name}.",
                f"ラボで動いているのは {lab.city} です({model.name} ではありません)。",
            ),
            Text(
                "Leave --city out, or give the directory of that city.",
                "--city を省くか、その都市のディレクトリを指定してください。",
            ),
        )
    settings = Settings(rate=question.rate) if question.rate else Settings()
    chosen = _zones(question.detail, model) if question.detail is not None else None
    fabric = build_fabric(model)
    plan = plan_of(fabric, question.on)
    count = len(plan.wanted) + len(plan.unwanted)
    with console.step(Text(f"Trying {count:,} paths with real packets", f"{count:,} 件の経路を実パケットで確認")):
        measured = measure(fabric, plan, cache(lab.netns), settings)
    report = judge(model.name, question.on.isoformat(), plan, measured)
    if question.as_json:
        console.say(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        console.say(told(report, model, console.language(), chosen))
    return EXIT_OK if report.good else EXIT_FINDINGS


def _zones(detail: str, city: City) -> tuple[str, str]:
    """`FROM[:TO]` as zones; "" for all."""
    source, _, destination = detail.partition(":")
    return _zone(source, city), _zone(destination, city)


def _zone(name: str, city: City) -> str:
    if name in city.segments or not name:
        return name
    if name in city.peers:
        return PEER + (city.peers[name].behind or name)
    raise LabError(
        Text(f"{city.name} has no segment or peer named {name}.", f"{city.name} に領域・接続先 {name} はありません。"),
        Text(
            "It has: " + ", ".join([*city.segments, *city.peers]), "一覧: " + ", ".join([*city.segments, *city.peers])
        ),
    )
