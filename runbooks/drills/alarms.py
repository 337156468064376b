"""Why a live drill has to stop: what its meters see and may not be, or that they can no longer see."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.text import Text
from runbooks.drills.meters import Meter, outages
from runbooks.drills.model import Scenario
from runbooks.drills.standing import Standing

Trouble = tuple[str, Text] | None
"""A code for programs, and words."""

AGENTS = "agents"
UNWATCHED = frozenset({"monitoring", "agent"})
"""Codes of what leaves the drill without monitoring."""
_BLIND_S = 30.0
"""After this time of seeing nothing the drill stops: what goes on is not known."""
_SILENT_S = 15.0
"""The same for Prometheus, who always answers at once."""


class Alarms:
    """Looks at the meters of a drill, by name. `watched`: the fault is to be noticed by monitoring."""

    def __init__(self, scenario: Scenario, meters: Mapping[str, Meter], *, watched: bool) -> None:
        self._stop = scenario.stop
        self._meters = meters
        self._watched = watched

    def trouble(self, standing: Standing, now: float) -> Trouble:
        """Why the drill has to stop at the moment `now`, if it has to."""
        return self._breach() or self._loss(standing, now) or self._blind(now) or self._unwatched(now)

    def _breach(self) -> Trouble:
        """A forbidden path that was open during this drill: by our own packets, or by the exporter."""
        for name in ("separation", "paths-blocked"):
            meter = self._meters.get(name)
            bad = next((row for row in meter.samples.rows if row.good is False), None) if meter else None
            if bad is not None:
                return "separation", Text(
                    f"the separation is breached: {bad.note}", f"領域の分離が破れています: {bad.note}"
                )
        return None

    def _loss(self, standing: Standing, now: float) -> Trouble:
        rows = [row for row in self._meters["service"].samples.rows if row.good is not None]
        broken = min((part.begun for part in standing.faults.values()), default=None)
        limit = self._stop.outage_minutes * 60
        for outage in outages(rows):
            if broken is None and standing.marker is not None:
                return "loss", Text("the service failed before any fault", "障害を起こす前に業務が停止しました")
            if broken is not None and outage.seconds(now) > limit:
                return "loss", Text("the service is gone for too long", "業務停止が上限を超えました")
        return None

    def _blind(self, now: float) -> Trouble:
        service = self._meters["service"].blind_since()
        if service is not None and now - service > _BLIND_S:
            return "blind", Text("the drill's own client is gone", "訓練の利用者役が動作していません")
        separation = self._meters["separation"].blind_since()
        if separation is not None and now - separation > 2 * _BLIND_S:
            return "blind", Text("the separation can no longer be tried", "領域の分離を確認できなくなりました")
        return None

    def _unwatched(self, now: float) -> Trouble:
        if not self._watched:
            return None
        agents = self._meters[AGENTS]
        since, last = agents.blind_since(), agents.last
        if since is not None and last is not None and last.note == "no answer" and now - since > _SILENT_S:
            return "monitoring", Text("Prometheus no longer answers", "Prometheus が応答しなくなりました")
        gone = outages(agents.samples.rows)
        if last is not None and last.good is False and gone[-1].seconds(now) > _BLIND_S:
            return "agent", Text(
                f"an exporter no longer answers: {last.note}", f"監視エージェントが応答しなくなりました: {last.note}"
            )
        return None
