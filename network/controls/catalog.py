"""All controls, in chapters as officials read them and in the order of their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.text import Text
from network.controls import (
    access,
    backup,
    changes,
    cloud,
    continuity,
    guests,
    internet,
    lgwan,
    lgwan_line,
    models,
    mynumber,
    narrowness,
    operations,
    radio,
    remote,
    terminals,
    wireless,
)
from network.controls.control import Control, Result
from network.controls.facts import Facts


@dataclass(frozen=True, slots=True)
class Chapter:
    """Controls that belong together."""

    title: Text
    controls: tuple[Control, ...]


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(Text("My Number", "マイナンバー利用事務系"), (*mynumber.FIRST, *narrowness.CONTROLS, *mynumber.LAST)),
    Chapter(Text("Terminals and hosts", "端末と仮想基盤"), terminals.CONTROLS),
    Chapter(Text("LGWAN", "LGWAN接続系"), (*lgwan.CONTROLS, *lgwan_line.CONTROLS)),
    Chapter(Text("Internet and publishing", "インターネット接続系と公開"), internet.CONTROLS),
    Chapter(Text("Model", "三層の対策のモデル"), models.CONTROLS),
    Chapter(Text("Wireless", "無線LAN"), (*wireless.CONTROLS, *guests.CONTROLS, *radio.CONTROLS)),
    Chapter(Text("Wired access", "有線LAN"), access.CONTROLS),
    Chapter(Text("Maintenance and remote work", "保守とテレワーク"), remote.CONTROLS),
    Chapter(Text("Logs, time and updates", "ログ・時刻・更新"), operations.CONTROLS),
    Chapter(Text("Backup", "バックアップ"), backup.CONTROLS),
    Chapter(Text("Cloud", "クラウド"), cloud.CONTROLS),
    Chapter(Text("Changes and administration", "変更と管理"), changes.CONTROLS),
    Chapter(Text("Continuity", "業務継続"), continuity.CONTROLS),
)
CONTROLS: tuple[Control, ...] = tuple(control for chapter in CHAPTERS for control in chapter.controls)


def judge(facts: Facts, controls: tuple[Control, ...] = CONTROLS) -> tuple[Result, ...]:
    """Judge controls, in their order."""
    return tuple(control.judge(facts) for control in controls)
