"""Backups and restoring them (C47 to C50)."""

from __future__ import annotations

from inventory.text import Text
from network.controls.control import Awaited, Control


class Backups(Awaited):
    """C47: backups are as fresh as the recovery point asks."""

    id = "C47"
    title = Text("Regular backups", "定期バックアップ")
    rule = Text(
        "the last good backup of each system is no older than its RPO",
        "業務システムごとの最終の正常なバックアップが RPO 以内であること",
    )
    bases = ("K",)
    awaits = Text("the results of the backup jobs", "バックアップジョブの結果")


class ThreeTwoOne(Awaited):
    """C48: three copies, two media, one off-site."""

    id = "C48"
    title = Text("3-2-1", "3-2-1")
    rule = Text(
        "three copies on two media, one of them off-site", "3 つの写しを 2 種類の媒体に持ち、1 つは遠隔地にあること"
    )
    bases = ("P",)
    awaits = Text("where the copies of each backup are", "バックアップの写しの保管先")


class OfflineCopy(Awaited):
    """C49: one copy that nobody can alter."""

    id = "C49"
    title = Text("An offline or immutable copy", "オフライン/変更不可コピー")
    rule = Text(
        "one copy is offline or immutable, under credentials of its own",
        "1 つの写しがオフラインまたは変更不可で、専用の認証情報で管理されること",
    )
    bases = ("P",)
    awaits = Text("the immutability and credentials of the copies", "写しの変更不可設定と認証情報の分離")


class RestoreTested(Awaited):
    """C50: restoring was tried within a year."""

    id = "C50"
    title = Text("Restore tests", "復元試験")
    rule = Text(
        "restored within the last 12 months, in no more than the RTO",
        "12 か月以内に復元試験を行い、RTO 以内に復元できたこと",
    )
    bases = ("F",)
    awaits = Text("the records of restore tests", "復元試験の記録")


CONTROLS: tuple[Control, ...] = (Backups(), ThreeTwoOne(), OfflineCopy(), RestoreTested())
