"""A drill live in the lab: real faults, real packets, real alerts, real runbooks."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from deploy.journal import Journal
from deploy.target import Target
from inventory.text import Text
from monitoring.prometheus.watchers import watchers
from network.fabric import Fabric
from network.lab import Lab
from runbooks.drills.alarms import AGENTS, UNWATCHED, Alarms
from runbooks.drills.faults import Breaker, adjacencies
from runbooks.drills.interrupts import Interrupts, tell
from runbooks.drills.meters import Meter, outages
from runbooks.drills.model import Claim, Fault, Scenario, Step, Undoing
from runbooks.drills.monitoring import Monitoring
from runbooks.drills.operator import Operator
from runbooks.drills.packets import Packets
from runbooks.drills.separation import Separation
from runbooks.drills.service import CertificateClient
from runbooks.drills.standing import Standing
from runbooks.drills.world import Detection, Done, Seen, Watch
from runbooks.procedures.arguments import checked
from runbooks.procedures.catalog import procedure
from runbooks.procedures.performance import Call, perform

_SERVICE_S = 1.0
_SEPARATION_S = 4.0
_MONITORING_S = 5.0
_FRESH_S = 20.0
_STABLE = 3
"""Good looks in a row that make the service green."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a live drill takes place."""

    lab: Lab
    fabric: Fabric
    target: Target
    book: Journal
    folder: Path
    day: dt.date


class Live:
    """The lab as a world."""

    touches = True

    def __init__(  # noqa: PLR0913, PLR0917 the drill, its scene and who is asked
        self,
        drill: str,
        scenario: Scenario,
        scene: Scene,
        operator: Operator,
        operator_name: str,
        interrupts: Interrupts,
    ) -> None:
        self._scenario = scenario
        self._scene = scene
        self._operator = operator
        self._operator_name = operator_name
        self._interrupts = interrupts
        self._breaker = Breaker(scene.lab, scene.fabric)
        self._monitoring = Monitoring()
        self._monitored = False
        self._unwatched = False
        """Monitoring died during the drill: the way back is judged by the own look alone."""
        self._alarmed_by = ""
        client = scene.fabric.hosts[scenario.service.client]
        self._client = CertificateClient(str(client.management.ip), scene.target.access, drill)
        self._separation = Separation(scene.lab, scene.fabric, scene.day)
        self._meters: dict[str, Meter] = {}
        self._alarms = Alarms(scenario, self._meters, watched=False)
        self._packets: Packets | None = None
        self._uses: Mapping[str, Any] = {}

    # --- time

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        self._interrupts.wait(seconds)

    # --- looking

    def prepare(self, so_far: Standing) -> Mapping[str, Any]:
        self._scene.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._monitored = self._monitoring.there()
        alarm = self._scenario.detection
        if alarm.alert and self._monitored:
            self._alarmed_by = "alert"
        elif alarm.own_client:
            self._alarmed_by = "client"
        self._start_meters()
        self._alarms = Alarms(self._scenario, self._meters, watched=self._alarmed_by == "alert")
        self._unwatched = (so_far.deviation or {}).get("code") in UNWATCHED
        self._uses = {
            "detection": self._alarmed_by,
            "prometheus": self._monitored,
            "separation_paths": self._separation.paths,
            "packets": self._packets is not None,
        }
        return self._uses

    def _start_meters(self) -> None:
        folder = self._scene.folder
        workload = self._scenario.service.workload
        add = self._meters.__setitem__
        add("service", Meter("service", _SERVICE_S, self._client.look, folder))
        self._client.remember(self._meters["service"].samples.rows)
        look = self._separation.look
        add("separation", Meter("separation", _SEPARATION_S, look, folder))
        if self._monitored:
            asks = {
                "workload-up": f'sanso_workload_up{{workload="{workload}"}}',
                "paths-blocked": "sanso_separation_path_blocked",
            }
            for name, expression in asks.items():
                add(name, Meter(name, _MONITORING_S, partial(self._monitoring.look, expression), folder))
            add(AGENTS, Meter(AGENTS, _MONITORING_S, partial(self._monitoring.agents, self._agents()), folder))
        if self._scenario.service.packets_to:
            ends = (self._scenario.service.client, self._scenario.service.packets_to)
            self._packets = Packets(self._scene.lab, self._scene.fabric, ends, folder)
            self._packets.start()
        for meter in self._meters.values():
            meter.start()

    def _agents(self) -> frozenset[str]:
        """The segments whose exporter no fault of the drill takes the power of."""
        off = {name for fault in self._scenario.faults if not fault.cut for name in self._breaker.nodes(fault)}
        return frozenset(name for name, host in watchers(self._scene.fabric).items() if host.name not in off)

    def claims(self, claims: Sequence[Claim], limit_s: float, watch: Watch) -> list[Seen]:
        end = time.time() + limit_s
        while True:
            watch()
            seen = [self._claim(claim) for claim in claims]
            if all(item.good for item in seen) or time.time() > end:
                return seen
            self._interrupts.wait(1.0)

    def _claim(self, claim: Claim) -> Seen:
        if claim.watch == "service":
            return self._of_samples(claim, ("service", "workload-up"))
        if claim.watch == "separation":
            return self._of_samples(claim, ("separation", "paths-blocked"))
        if claim.watch == "packets":
            rows = self._packets.samples.rows[-10:] if self._packets is not None else []
            return Seen(claim, len(rows) == 10 and all(row.good for row in rows), f"{len(rows)}")  # noqa: PLR2004 a second
        good, told = adjacencies(self._scene.fabric, self._scene.target, self._scenario)
        return Seen(claim, good, told)

    def _of_samples(self, claim: Claim, names: tuple[str, ...]) -> Seen:
        """Green when the own look was good some times in a row, and monitoring, where it is up, agrees."""
        own = [row for row in self._meters[names[0]].samples.rows if row.at > time.time() - _FRESH_S]
        least = _STABLE if names[0] == "service" else 1
        good = len(own) >= least and all(row.good for row in own[-least:])
        told = f"{sum(row.good is True for row in own)}/{len(own)}"
        for name in names[1:]:
            if name in self._meters and not self._unwatched:
                last = self._meters[name].last
                good = good and last is not None and last.good is True
                told += f", {name} {last.note if last else '-'}"
        return Seen(claim, good, told)

    def marker(self) -> Mapping[str, Any] | None:
        issued = self._client.issued
        if not issued:
            return None
        last = issued[-1]
        return {"number": last.number, "issued_at": round(last.issued_at, 3), "server": last.server}

    def detected(self, since: float, watch: Watch) -> Detection | None:
        del watch
        if self._alarmed_by == "client":
            return self._by_client(since)
        alarm = self._scenario.detection
        for alert in self._monitoring.alerts(alarm.alert, alarm.labels) or ():
            if alert.began < since:  # it tells of something else
                continue
            told = {"alert": alarm.alert, "starts_at": alert.starts_at, "summary": alert.summary}
            return Detection("alert", told)
        return None

    def _by_client(self, since: float) -> Detection | None:
        """What the drill's own client and packets notice, where there is no monitoring."""
        rows = self._meters["service"].samples.rows + (self._packets.samples.rows if self._packets else [])
        bad = min((row.at for row in rows if row.good is False and row.at >= since), default=None)
        return None if bad is None else Detection("client", {"first_bad": round(bad, 3)})

    def green(self, since: float, watch: Watch) -> Mapping[str, Any] | None:
        del watch
        rows = [row for row in self._meters["service"].samples.rows if row.good is not None]
        tail = rows[-_STABLE:]
        if len(tail) < _STABLE or not all(row.good for row in tail) or tail[0].at < since:
            return None
        ends = [since]
        for outage in outages(rows):
            if outage.end is None:
                return None
            if outage.end > since:
                ends.append(outage.end)
        if self._packets is not None:
            holes = [hole for hole in self._packets.holes() if hole.end is None or hole.end > since]
            if any(hole.end is None for hole in holes):
                return None
            ends += [hole.end for hole in holes if hole.end is not None]
        return {"moment": round(max(ends), 3), "server": tail[-1].note.partition(" ")[2]}

    def survived(self, marker: Mapping[str, Any] | None, since: float, watch: Watch) -> Mapping[str, Any]:
        watch()
        before = [item for item in self._client.issued if item.issued_at <= since]
        missing = set(self._client.missing(item.number for item in before))
        first_lost = next((item for item in before if item.number in missing), None)
        kept = [item for item in before if first_lost is None or item.issued_at < first_lost.issued_at]
        rpo = 0.0 if not missing else since - (kept[-1].issued_at if kept else before[0].issued_at)
        told = {"issued": len(before), "lost": sorted(missing), "rpo_s": round(rpo, 3)}
        if marker is not None:
            told["marker"] = marker["number"]
            told["marker_kept"] = int(marker["number"]) not in missing
        return told

    def trouble(self, standing: Standing) -> tuple[str, Text] | None:
        found = self._alarms.trouble(standing, time.time())
        if found is not None and found[0] in UNWATCHED:
            self._unwatched = True
        return found

    # --- doing

    def inject(self, fault: Fault) -> None:
        self._breaker.inject(fault)

    def heal(self, fault: Fault) -> None:
        self._breaker.heal(fault)

    def by_hand(self, step: Step, who: str, watch: Watch) -> Done:
        role = self._scenario.roles[step.role].title.text
        name = f" {who}" if who else ""
        answer = self._operator.ask(
            Text(
                f"   [{role.en}{name}] {step.title.en}\n   expected: {step.minutes} min. Enter: done / x: cannot /"
                " or a remark, then Enter",
                f"   [{role.ja}{name}] {step.title.ja}\n   見込み {step.minutes} 分。Enter: 完了 / x: できない /"
                " 所見を入力して Enter",
            ),
            watch,
        )
        told = {
            "who": "auto" if self._operator.automatic else who or answer.by,
            "how": "auto" if self._operator.automatic else "hand",
            "entered_by": answer.by,
            "words": answer.words,
        }
        return Done(answer.good, told)

    def by_machine(self, step: Step | Undoing, approver: str, stop: Callable[[], bool]) -> Done:
        called = procedure(step.runbook)
        values = checked(called.runbook.parameters, step.arguments, self._scene.fabric.city, step.id)
        call = Call(called, values, self._operator_name, approver)
        total = len(called.runbook.steps)
        done = perform(
            call,
            self._scene.fabric,
            self._scene.target,
            self._scene.book,
            hear=lambda at, number: tell(
                Text(f"     {number}/{total} {at.title.en}", f"     {number}/{total} {at.title.ja}")
            ),
            stop=stop,
        )
        for item in done.objections:
            tell(Text(f"     ! {item.en}", f"     ! {item.ja}"))
        return Done(done.success, {"run": done.as_json(), "runbook": step.runbook})

    def close(self) -> Mapping[str, Any]:
        measured: dict[str, Any] = dict(self._uses)
        if self._packets is not None:
            self._packets.stop()
            measured["holes"] = [
                {
                    "way": hole.way,
                    "begin": round(hole.begin, 3),
                    "seconds": None if hole.end is None else round(hole.end - hole.begin, 3),
                    "lost": hole.lost,
                }
                for hole in self._packets.holes()
            ]
        for meter in self._meters.values():
            meter.stop()
        self._client.close()
        return measured
