"""Ordered rules against walking them for each packet of a small universe."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from small_universe import UNIVERSE, Spec, described, made, members, specs

from network.prove.sets.packets import Packet
from network.prove.sets.rules import Final, Rule, Verdict, accepted, decided, deciding

look = settings(max_examples=40, deadline=None)
LETS_THROUGH: dict[Final, set[str]] = {"accept": {"accept", "return"}, "drop": {"accept"}}
VERDICTS: list[Verdict] = ["accept", "accept", "drop", "drop", "return", "continue"]


@st.composite
def lists(draw: st.DrawFn, exact: st.SearchStrategy[bool]) -> tuple[list[Rule], list[set[Packet]]]:
    drawn = draw(st.lists(st.tuples(specs(), st.sampled_from(VERDICTS), exact), max_size=8))
    rules = [Rule(made(spec), verdict, str(place), exact=sure) for place, (spec, verdict, sure) in enumerate(drawn)]
    return rules, [described(spec) for spec, _, _ in drawn]


def walked(rules: list[Rule], inside: list[set[Packet]], packet: Packet) -> Rule | None:
    for rule, known in zip(rules, inside, strict=True):
        if packet in known and rule.verdict != "continue":
            return rule
    return None


@look
@given(lists(st.just(value=True)), st.sampled_from(["accept", "drop"]))
def test_a_list_accepts_drops_and_names_what_walking_it_does(
    drawn: tuple[list[Rule], list[set[Packet]]], policy: Final
) -> None:
    rules, inside = drawn
    found = {packet: walked(rules, inside, packet) for packet in UNIVERSE}
    ends = {packet: rule.verdict if rule else "return" for packet, rule in found.items()}
    let = {packet for packet, verdict in ends.items() if verdict in LETS_THROUGH[policy]}
    assert members(accepted(rules, policy)) == let
    gone = {packet for packet, rule in found.items() if rule and rule.verdict == "drop"}
    assert members(decided(rules, "drop")) == gone
    for packet in UNIVERSE[::7]:
        assert deciding(rules, packet) is found[packet]


@look
@given(lists(st.booleans()))
def test_rules_known_in_part_are_bounded_from_both_sides(drawn: tuple[list[Rule], list[set[Packet]]]) -> None:
    """Whatever part of an inexact rule's packets it really matches, the truth lies between the bounds."""
    rules, inside = drawn
    for odd in (0, 1):
        really = [
            known if rule.exact else {packet for packet in known if hash(packet) % 2 == odd}
            for rule, known in zip(rules, inside, strict=True)
        ]
        found = {packet: walked(rules, really, packet) for packet in UNIVERSE}
        for policy, ends in LETS_THROUGH.items():
            let = {p for p, rule in found.items() if (rule.verdict if rule else "return") in ends}
            assert members(accepted(rules, policy, sure=True)) <= let <= members(accepted(rules, policy))
        gone = {packet for packet, rule in found.items() if rule and rule.verdict == "drop"}
        assert members(decided(rules, "drop", sure=True)) <= gone <= members(decided(rules, "drop"))


@look
@given(lists(st.just(value=True)), specs(), st.integers(0, 8), st.sampled_from(VERDICTS))
def test_an_unknown_rule_may_do_anything_to_its_packets_and_nothing_to_others(
    drawn: tuple[list[Rule], list[set[Packet]]], spec: Spec, place: int, verdict: Verdict
) -> None:
    rules, inside = drawn
    unknown, known = Rule(made(spec), "unknown"), described(spec)
    listed, sets = [*rules[:place], unknown, *rules[place:]], [*inside[:place], known, *inside[place:]]
    really = [*rules[:place], Rule(unknown.packets, verdict), *rules[place:]]
    let = {packet for packet in UNIVERSE if (rule := walked(really, sets, packet)) and rule.verdict == "accept"}
    may, sure = members(accepted(listed)), members(accepted(listed, sure=True))
    assert sure <= let <= may
    assert may - sure <= known
