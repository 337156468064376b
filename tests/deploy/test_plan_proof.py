"""The proof in a plan: what it says, what it stops, and what the journal keeps of it."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from napalm.base.exceptions import ConnectionException
from simulation import TARGET, Inline
from simulation import make_plan as simulated_plan

import sanso
from deploy import approval
from deploy.device import Station
from deploy.fleet import Fleet, FleetError
from deploy.journal import Journal, journal_url
from deploy.plan import Plan, PlanError, plan_bytes, read_plan
from deploy.planning import Survey, make_plan, survey
from deploy.report import history_lines, plan_json, plan_lines
from inventory.model import City, Waiver
from inventory.text import Language
from network.build import build_fabric
from network.canonical import canonical
from network.compile import compile_fabric
from network.fabric import Fabric
from network.parse import parse
from network.parse.source import BESIDE_SECTION
from network.render import render

MINI = Path(__file__).parents[1] / "cities" / "mini"
GOLDEN = Path(__file__).parent / "golden"
DAY = dt.date(2026, 11, 20)
Edit = tuple[str, str, str]

PORT: Edit = ("hall-acc1", "eth15 vlan_mode=access tag=301", "eth15 vlan_mode=access tag=101")
"""By hand: a terminal of the internet segment in My Number's VLAN."""
COST: Edit = ("hall-core1", "ip ospf cost 10", "ip ospf cost 30")
LINE: Edit = ("hall-acc1", "ovs-vsctl", "ovs-vsctl add-port br0 patch0\novs-vsctl")
"""One that nobody understands."""
TAGS: tuple[Edit, ...] = tuple(
    (device, f"interface eth10.{old} vrf {vrf}\n", f"interface eth10.{new} vrf {vrf}\n")
    for device in ("hall-core1", "dc-core1")
    for old, new, vrf in (("2001", "2002", "mynumber"), ("2002", "2001", "lgwan"))
)
"""The two tags of a circuit exchanged, at both ends."""


def surveyed(fabric: Fabric, *edits: Edit) -> Survey:
    """A city beside devices that run what it intends, but for some edits."""
    intended = {name: canonical(state) for name, state in compile_fabric(fabric, DAY).items()}
    texts = {name: render(state) for name, state in intended.items()}
    for device, right, wrong in edits:
        assert right in texts[device]
        texts[device] = texts[device].replace(right, wrong, 1)
    parsed = {name: parse(fabric.devices[name].spec.platform, name, text) for name, text in texts.items()}
    return Survey(fabric, intended, texts, parsed, {}, {})


def planned(fabric: Fabric, *edits: Edit, only: Collection[str] = ()) -> Plan:
    return make_plan(surveyed(fabric, *edits), TARGET, "sato", DAY, only)


def with_waiver(city: City, *patterns: str) -> Fabric:
    accepted = Waiver(
        findings=patterns, reason="移設まで", owner="情報システム課", approver="CISO",
        approved_on=DAY, expires_on=DAY + dt.timedelta(days=30),
    )  # fmt: skip
    return build_fabric(city.model_copy(update={"waivers": {**city.waivers, "moving": accepted}}))


@pytest.fixture
def book(tmp_path: Path) -> Journal:
    return Journal(journal_url(tmp_path))


def test_a_sound_plan_carries_its_proof(mini_fabric: Fabric, book: Journal) -> None:
    plan = planned(mini_fabric, COST)
    proof = plan.proof
    assert proof is not None
    assert proof.result == {"separation": "proved", "service": "proved", "resilience": "waived"}
    assert (proof.way, proof.open, proof.today) == ("proved", (), ())
    assert list(proof.waivers) == ["single"]
    assert set(proof.waivers["single"].keys) == {item.key for item in proof.findings}
    content = plan_bytes(plan)
    assert read_plan(content, "p") == plan
    assert plan_json(plan, "")["proof"]["way"] == "proved"
    approval.require_proof(book, plan, content, DAY)
    assert not book.rows()


def test_a_proof_that_was_altered_is_refused(mini_fabric: Fabric, book: Journal) -> None:
    bad = planned(mini_fabric, PORT, COST, only=["hall-core1"])
    assert bad.proof is not None
    approval.approve(book, bad, plan_bytes(bad), "suzuki")
    forged = bad.model_copy(update={"proof": bad.proof.model_copy(update={"findings": ()})})
    with pytest.raises(PlanError, match="altered"):
        approval.admit(book, forged, plan_bytes(forged), TARGET)


def test_what_is_left_out_stays_as_it_runs_and_stops_the_plan(mini_fabric: Fabric, book: Journal) -> None:
    plan = planned(mini_fabric, PORT, COST, only=["hall-core1"])
    assert list(plan.devices) == list(plan.changed) == ["hall-core1"]
    assert plan.proof is not None
    assert {item.key for item in plan.proof.open} == {
        "crossing:mynumber > internet", "crossing:internet > mynumber", "unserved:f002", "unserved:f003"
    }  # fmt: skip
    with pytest.raises(approval.UnprovedError) as refused:
        approval.require_proof(book, plan, plan_bytes(plan), DAY)
    assert refused.value.exit_code == 1
    assert "finding crossing:internet > mynumber, which no waiver covers" in refused.value.say("en")
    assert "是正猶予のない指摘 crossing:internet > mynumber" in refused.value.say("ja")
    (row,) = book.rows()
    assert (row.step, row.change, len(row.body["reasons"])) == ("refused", "", 4)


def test_a_waiver_lets_it_pass_until_its_day(mini_fabric: Fabric, book: Journal) -> None:
    plan = planned(with_waiver(mini_fabric.city, "*"), PORT, COST, only=["hall-core1"])
    content = plan_bytes(plan)
    assert plan.proof is not None
    assert plan.proof.result["separation"] == "waived"
    last = DAY + dt.timedelta(days=30)
    approval.require_proof(book, plan, content, last)
    with pytest.raises(approval.UnprovedError, match=f"waiver moving ended on {last}"):
        approval.require_proof(book, plan, content, last + dt.timedelta(days=1))


def test_a_row_that_ended_since_the_plan_was_made(mini_fabric: Fabric, book: Journal) -> None:
    flows = mini_fabric.city.flows
    ending = flows["f004"].model_copy(update={"expires_on": DAY})
    plan = planned(build_fabric(mini_fabric.city.model_copy(update={"flows": {**flows, "f004": ending}})), COST)
    approval.require_proof(book, plan, plan_bytes(plan), DAY)
    with pytest.raises(approval.UnprovedError, match="row f004, which it opens, ended on 2026-11-20"):
        approval.require_proof(book, plan, plan_bytes(plan), DAY + dt.timedelta(days=1))


def test_a_way_that_joins_segments_stops_the_plan(mini_fabric: Fabric, book: Journal) -> None:
    plan = planned(mini_fabric, *TAGS)
    assert plan.proof is not None
    assert (plan.proof.result["separation"], plan.proof.way) == ("proved", "findings")
    assert {item.about for item in plan.proof.open} == {"way"}
    with pytest.raises(approval.UnprovedError, match="crossing:mynumber > lgwan"):
        approval.require_proof(book, plan, plan_bytes(plan), DAY)


def test_a_leak_of_today_does_not_stop_the_plan_that_ends_it(mini_fabric: Fabric) -> None:
    proof = planned(mini_fabric, PORT, COST).proof
    assert proof is not None
    assert (proof.open, proof.way) == ((), "proved")
    assert set(proof.today) == {"crossing:mynumber > internet", "crossing:internet > mynumber"}


def test_lines_that_cannot_be_read(mini_fabric: Fabric) -> None:
    """Where they go, only the way is not proved. Where they stay, nothing is, and nobody can accept that."""
    gone = planned(mini_fabric, LINE, PORT, COST, ("hall-core1", "eth3.201 vrf lgwan", "eth3.209 vrf lgwan")).proof
    assert gone is not None
    assert (gone.result["separation"], gone.way, gone.open) == ("proved", "not-proved", ())
    stays = planned(with_waiver(mini_fabric.city, "*"), LINE, COST, only=["hall-core1"]).proof
    assert stays is not None
    assert stays.result["separation"] == "not-proved"
    assert [item.key for item in stays.open] == ["unread:hall-acc1 bridge"]


def test_what_was_made_by_hand_beside_the_configuration(mini_fabric: Fabric) -> None:
    """No commit takes it away: the candidate keeps it, it is told, and it stops the plan; no pattern waives it."""
    found = surveyed(with_waiver(mini_fabric.city, "*"), COST)
    section = f"{BESIDE_SECTION}\nip rule 99 from 10.24.16.0/24 lookup table 77 vrf lgwan\n"
    for name in ("hall-core1", "hall-acc1"):
        found.running[name] += section  # type: ignore[index] # a dict
        found.parsed[name] = parse(found.parsed[name].state.platform, name, found.running[name])  # type: ignore[index]
    made = make_plan(found, TARGET, "sato", DAY)
    assert list(made.changed) == ["hall-core1"]
    for name in ("hall-core1", "hall-acc1"):
        device = made.devices[name]
        assert device.candidate == render(found.intended[name]) + section
        assert device.unknown == ()
    assert made.proof is not None
    assert [item.key for item in made.proof.open] == ["unread:hall-core1 policy route", "unread:hall-acc1 policy route"]
    told = [line.en for line in plan_lines(made, "", text=False)]
    stays = [line for line in told if "apply leaves it there" in line]
    assert stays == 2 * [f"{stays[0].partition(': ')[0]}: {section.splitlines()[1]}"]
    assert "hall-acc1 (openvswitch): 0 change(s)" in told
    assert found.differences("hall-acc1")[0].text.en == (
        f"- made by hand in the kernel, beside the configuration: {section.splitlines()[1]}"
    )
    changed = made.devices["hall-core1"]
    assert changed.runs("new", render(found.intended["hall-core1"]))  # it was removed meanwhile
    assert not changed.runs("old", changed.candidate)


def test_what_was_made_by_hand_is_accepted_as_exactly_what_it_is(mini_fabric: Fabric, book: Journal) -> None:
    def made(rule: str, *waived: str) -> Plan:
        found = surveyed(with_waiver(mini_fabric.city, *waived), COST)
        found.running["hall-core1"] += f"{BESIDE_SECTION}\n{rule}\n"  # type: ignore[index] # a dict
        found.parsed["hall-core1"] = parse("frr", "hall-core1", found.running["hall-core1"])  # type: ignore[index]
        return make_plan(found, TARGET, "sato", DAY)

    table = f"nft table inet fail2ban sha256 {'a' * 64}"
    stopped = made(table, "nothing").proof
    assert stopped is not None
    (name,) = re.findall(r"unread:hall-core1 filter@[0-9a-f]{12}", stopped.open[0].en)
    plan = made(table, "spof:*", name)
    assert plan.proof is not None
    assert (plan.proof.open, plan.proof.result["separation"]) == ((), "waived")
    assert plan.proof.waivers["moving"].keys == ("unread:hall-core1 filter",)
    approval.require_proof(book, plan, plan_bytes(plan), DAY)
    told = [line.en for line in plan_lines(plan, "", text=False)]
    assert "Planned result: Service: holds but for 1 finding(s) waived" in told
    for rule in (f"nft table inet fail2ban sha256 {'b' * 64}", "nft table inet fail2ban", f"{table}\nnft table ip nat"):
        proof = made(rule, "spof:*", name).proof
        assert proof is not None
        assert [item.key for item in proof.open] == ["unread:hall-core1 filter"]


def test_a_plan_without_changes_says_what_is_left(mini_fabric: Fabric) -> None:
    found = surveyed(mini_fabric)
    assert any(line.en.startswith("No change: ") for line in plan_lines(planned(mini_fabric), "", text=False))
    found.running["hall-acc1"] += f"{BESIDE_SECTION}\nip link vx0 type vxlan\n"  # type: ignore[index] # a dict
    found.parsed["hall-acc1"] = parse("openvswitch", "hall-acc1", found.running["hall-acc1"])  # type: ignore[index]
    told = [line.en for line in plan_lines(make_plan(found, TARGET, "sato", DAY), "", text=False)]
    assert told[-1].startswith("No configuration changes. What was made by hand")


def test_a_plan_of_before_is_read_for_recovery_and_refused(book: Journal) -> None:
    plan = simulated_plan(("d0",)).model_copy(update={"format": 1, "proof": None})
    content = plan_bytes(plan)
    assert b'"proof"' not in content
    assert read_plan(content, "p") == plan
    with pytest.raises(approval.UnprovedError, match="carries no proof"):
        approval.require_proof(book, plan, content, DAY)


def proved(plan: Plan, language: Language) -> list[str]:
    """What a plan tells, without the changes."""
    lines = [line.say(language) for line in plan_lines(plan, "-", text=False)]
    return lines[next(number for number, line in enumerate(lines) if line.startswith("1. ")) : -1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_told(mini_fabric: Fabric, language: Language) -> None:
    stopped = planned(mini_fabric, *TAGS, PORT, COST)
    held = planned(with_waiver(mini_fabric.city, "crossing:*"), PORT, COST, only=["hall-core1"])
    told = "\n\n".join(
        "\n".join(line.say(language) for line in plan_lines(p, "-", text=False)) for p in (stopped, held)
    )
    file = GOLDEN / f"plan-proof.{language}.txt"
    if os.environ.get("REWRITE"):
        file.write_text(told + "\n", encoding="utf-8")
    assert told + "\n" == file.read_text(encoding="utf-8")


def test_the_journal_tells_what_a_change_rested_on(mini_fabric: Fabric, book: Journal) -> None:
    plan = planned(mini_fabric, COST)
    change, _ = approval.begin(book, plan, plan_bytes(plan), "suzuki")
    (row,) = book.rows(change)
    kept = row.body["proof"]
    assert kept["result"]["resilience"] == "waived"
    assert kept["waivers"]["single"]["until"] == "2031-03-31"
    assert len(kept["waivers"]["single"]["keys"]) == 6
    bad = planned(mini_fabric, *TAGS)
    with pytest.raises(approval.UnprovedError):
        approval.require_proof(book, bad, plan_bytes(bad), DAY)
    english, japanese = ([line.say(language) for line in history_lines(book.rows())] for language in ("en", "ja"))
    digest = kept["sha256"][:12]
    assert f"  proof {digest}: Separation proved, Service proved, Resilience waived; on the way: proved" in english
    assert "    Waived by single until 2031-03-31: 6 finding(s)" in english
    assert f"plan {bad.id} refused: finding crossing:mynumber > lgwan" in english[-1]
    assert "是正猶予 single (2031-03-31 まで)" in "\n".join(japanese)
    assert "適用を拒否" in japanese[-1]


class Reader:
    """A session that can only be read."""

    def __init__(self, text: str) -> None:
        self.text = text

    def get_config(self, _retrieve: str) -> dict[str, str]:
        return {"running": self.text}

    def close(self) -> None:
        pass


def test_every_device_is_read_for_the_proof(mini_fabric: Fabric) -> None:
    texts = dict(surveyed(mini_fabric, COST).running)

    def opener(station: Station) -> Reader:
        if station.name not in texts:
            raise ConnectionException
        return Reader(texts[station.name])

    def fleet(stations: list[Station]) -> Fleet:
        return Fleet(stations, opener, executor=Inline())  # type: ignore[arg-type] # it is only read

    only = ["hall-core1"]
    found = survey(mini_fabric.city, fleet, only, DAY, whole=True)
    assert list(make_plan(found, TARGET, "sato", DAY, only).devices) == only
    assert list(survey(mini_fabric.city, fleet, only, DAY).running) == only
    texts.pop("north-acc1")
    with pytest.raises(FleetError, match="north-acc1") as refused:
        survey(mini_fabric.city, fleet, only, DAY, whole=True)
    assert "proved for the whole city" in refused.value.say("en")


@pytest.fixture
def typed(
    mini_fabric: Fabric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Type commands beside devices that run the small city with some edits."""
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "400")

    def type_(code: int, *words: str, edits: tuple[Edit, ...] = ()) -> str:
        monkeypatch.setattr("deploy.planning.survey", lambda *_, **__: surveyed(mini_fabric, *edits))
        assert sanso.run(["--lang", "en", *words]) == code
        captured = capsys.readouterr()
        return captured.out + captured.err

    return type_


def test_the_commands(typed: Callable[..., str], tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    told = typed(1, "plan", str(MINI), "-o", file, "--author", "sato", edits=TAGS)
    assert "`sanso apply` will refuse this plan" in told
    assert "will refuse" in typed(0, "approve", file, "--as", "suzuki")
    assert "nothing was changed" in typed(1, "apply", file, "--dry-run")
    assert "refused" not in typed(0, "history")
    assert "crossing:lgwan > mynumber, which no waiver covers" in typed(1, "apply", file)
    assert "refused: finding crossing" in typed(0, "history")
    assert "change " not in typed(0, "history")
    told = typed(0, "plan", str(MINI), "-o", file, "--author", "sato", edits=(COST,))
    assert "On the way there: separation: proved" in told
