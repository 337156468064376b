"""The declared model: where PCs and systems stand, and what each model asks for besides (C23 to C26)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from inventory.text import Text
from network.controls.control import Awaited, Control, Evidence, either
from network.controls.facts import Facts

PC_KINDS = frozenset({"pc", "thin-client", "tablet"})


class ModelFits(Control):
    """C23: PCs and servers stand where the declared model says."""

    id = "C23"
    title = Text("The city is as its model says", "モデル宣言と整合")
    rule = Text(
        "PCs and systems stand where the declared model has them",
        "端末と業務システムの配置が、宣言したモデルに合うこと",
    )
    bases = ("F", "S")
    limits = Text(
        "which server is a business system is not in the inventory; servers are counted alike",
        "どのサーバが業務システムかはインベントリにないため、サーバを区別せずに数えています",
    )

    def expected(self, facts: Facts) -> Text:
        lgwan = Text(
            "more staff PCs in LGWAN than on the internet", "職員端末はインターネット接続系より LGWAN 接続系に多いこと"
        )
        return {
            "alpha": lgwan,
            "alpha-prime": lgwan,
            "beta": Text(
                "staff PCs on the internet side, servers mostly in LGWAN",
                "インターネット接続系に職員端末があり、サーバは LGWAN 接続系のほうが多いこと",
            ),
            "beta-prime": Text(
                "staff PCs and servers on the internet side", "インターネット接続系に職員端末と業務システムがあること"
            ),
        }[facts.city.model]

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        pcs, servers = _placed(facts)
        lgwan, internet = "lgwan", "internet"
        model = facts.city.model
        seen = Text(
            f"PCs: LGWAN {pcs[lgwan]}, internet {pcs[internet]}",
            f"職員端末: LGWAN 接続系 {pcs[lgwan]} 台、インターネット接続系 {pcs[internet]} 台",
        )
        few = model in {"alpha", "alpha-prime"}
        if pcs[lgwan] + pcs[internet]:
            yield either(pcs[lgwan] > pcs[internet] if few else pcs[internet] > 0, seen, seen, facts.city.origin)
        if servers[lgwan] + servers[internet] and not few:
            counted = Text(
                f"servers: LGWAN {servers[lgwan]}, internet {servers[internet]}",
                f"サーバ: LGWAN 接続系 {servers[lgwan]} 台、インターネット接続系 {servers[internet]} 台",
            )
            good = servers[lgwan] > servers[internet] if model == "beta" else servers[internet] > 0
            yield either(good, counted, counted, facts.city.origin)


def _placed(facts: Facts) -> tuple[Counter[str], Counter[str]]:
    """Kind of segment → staff PCs, and servers."""
    pcs: Counter[str] = Counter()
    for site in facts.city.sites.values():
        for group in site.terminals.values():
            if facts.city.terminal_classes[group.class_].kind in PC_KINDS:
                pcs[facts.city.segments[site.vlans[group.vlans[0]].segment].kind] += group.count
    hosts = (host for host in facts.fabric.hosts.values() if host.kind == "server")
    return pcs, Counter(facts.city.segments[host.segment].kind for host in hosts)


class Breakout(Awaited):
    """C24: α′'s local breakout leads to listed services and the city's own tenant."""

    id = "C24"
    title = Text("α′: listed destinations and own tenant only", "α′の宛先・テナント限定")
    rule = Text(
        "the breakout list holds named services only, and other tenants of them are refused",
        "ローカルブレイクアウトの宛先が一覧にあるサービスに限られ、自団体以外のテナントを拒否すること",
    )
    bases = ("F",)
    edition_from = "2024-10"
    models = ("alpha-prime",)
    awaits = Text("the breakout proxy's tenant restriction", "ブレイクアウト装置のテナント制限の設定")


class Edr(Awaited):
    """C25: endpoint detection on every PC, where PCs leave LGWAN."""

    id = "C25"
    title = Text("α′, β, β′: endpoint detection", "α′/β/β′はEDR")
    rule = Text(
        "the EDR agent runs on every endpoint", "すべての端末で EDR が稼働していること (稼働数 ÷ 端末数 = 100 %)"
    )
    bases = ("K",)
    edition_from = "2020-12"
    models = ("alpha-prime", "beta", "beta-prime")
    awaits = Text("the number of agents in the EDR console", "EDR 管理画面の稼働エージェント数")


class Audited(Awaited):
    """C26: β and β′ are audited."""

    id = "C26"
    title = Text("β, β′: confirmed first, audited regularly", "β/β′は事前確認・定期監査")
    rule = Text(
        "confirmed before the move, and audited by an outsider within the period",
        "移行前の確認を受け、外部監査を定められた期間ごとに受けていること",
    )
    bases = ("K",)
    edition_from = "2020-12"
    models = ("beta", "beta-prime")
    awaits = Text("the dates of confirmation and audit", "事前確認と監査の実施日")


CONTROLS: tuple[Control, ...] = (ModelFits(), Breakout(), Edr(), Audited())
