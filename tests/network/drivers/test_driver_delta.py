"""Configuration text as a tree, and the commands from one to another."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from network.drivers.delta import delta, refreshed
from network.drivers.platforms import dialect, matches
from network.drivers.tree import Path, difference, leaving, merge, paths, replacing, same, write

FRR = dialect("frr")

OLD = """\
hostname a
vrf lgwan
 ip route 10.1.0.0/16 blackhole
exit-vrf
!
interface eth1.10 vrf lgwan
 description old
 ip address 10.0.0.1/24
 ip ospf cost 10
exit
!
router bgp 64512 vrf lgwan
 neighbor 10.0.0.2 remote-as 64513
 neighbor 10.0.0.2 description peer
 neighbor 10.0.0.20 remote-as 64514
 !
 address-family ipv4 unicast
  neighbor 10.0.0.2 prefix-list out out
  no neighbor 10.0.0.20 activate
 exit-address-family
exit
!
ip prefix-list out seq 5 permit 10.0.0.0/8
ip prefix-list out seq 10 permit 11.0.0.0/8
!
route-map tag permit 10
 set tag 5
exit
!
"""


def change(old: str, new: str) -> tuple[str, str]:
    made = delta(paths(old, FRR), paths(new, FRR), FRR)
    return made.batch, made.late


def test_no_change_is_no_command() -> None:
    assert change(OLD, OLD) == ("", "")


def test_a_value_is_replaced_without_removing_it_first() -> None:
    new = OLD.replace("cost 10", "cost 20").replace("description old", "description new")
    assert change(OLD, new) == (
        "interface eth1.10 vrf lgwan\ndescription new\nip ospf cost 20\nexit\n",
        "",
    )


def test_a_neighbour_takes_all_its_lines_with_it() -> None:
    new = "\n".join(line for line in OLD.splitlines() if "10.0.0.2 " not in line)
    assert change(OLD, new) == ("router bgp 64512 vrf lgwan\nno neighbor 10.0.0.2\nexit\n", "")


def test_a_line_that_says_no_is_taken_back_by_saying_it_without() -> None:
    new = OLD.replace("  no neighbor 10.0.0.20 activate\n", "")
    assert change(OLD, new)[0] == (
        "router bgp 64512 vrf lgwan\naddress-family ipv4 unicast\nneighbor 10.0.0.20 activate\n"
        "exit-address-family\nexit\n"
    )


def test_a_segment_goes_from_the_bottom_up_and_its_interface_and_vrf_last() -> None:
    batch, late = change(OLD, "hostname a\n")
    assert batch.splitlines() == [
        "no router bgp 64512 vrf lgwan",
        "interface eth1.10 vrf lgwan",
        "no ip ospf cost 10",
        "no ip address 10.0.0.1/24",
        "no description",
        "exit",
        "vrf lgwan",
        "no ip route 10.1.0.0/16 blackhole",
        "exit-vrf",
        "no route-map tag permit 10",
        "no ip prefix-list out seq 10 permit 11.0.0.0/8",
        "no ip prefix-list out seq 5 permit 10.0.0.0/8",
    ]
    assert late.splitlines() == ["no interface eth1.10 vrf lgwan", "no vrf lgwan"]


def test_what_is_referred_to_comes_first() -> None:
    batch, _ = change("hostname a\n", OLD)
    assert batch.index("ip prefix-list out seq 5") < batch.index("router bgp 64512 vrf lgwan")


def test_a_policy_route_comes_before_its_interface_and_goes_after_it() -> None:
    """The commands were tried on FRR 8.4, which prints the wanted configuration after them."""
    rule = "pbr-map lift seq 5\n match src-ip 10.0.0.0/8\n set nexthop 10.0.0.1 nexthop-vrf lgwan\nexit\n"
    bare = "interface eth1 vrf internet\n description x\nexit\n"
    with_policy = bare.replace(" description x\n", " description x\n pbr-policy lift\n") + rule
    assert change(bare, with_policy)[0].splitlines() == [
        *(line.strip() for line in rule.splitlines()),
        "interface eth1 vrf internet", "pbr-policy lift", "exit",
    ]  # fmt: skip
    assert change(with_policy, bare)[0].splitlines() == [
        "interface eth1 vrf internet", "no pbr-policy lift", "exit", "no pbr-map lift seq 5",
    ]  # fmt: skip
    elsewhere = with_policy.replace("10.0.0.1", "10.0.0.2")
    assert change(with_policy, elsewhere)[0].splitlines() == [
        "pbr-map lift seq 5", "set nexthop 10.0.0.2 nexthop-vrf lgwan", "exit",
    ]  # fmt: skip


def test_an_entry_goes_before_another_with_the_same_prefix_comes() -> None:
    new = OLD.replace("seq 10 permit 11.0.0.0/8", "seq 20 permit 11.0.0.0/8")
    assert change(OLD, new)[0].splitlines() == [
        "no ip prefix-list out seq 10 permit 11.0.0.0/8",
        "ip prefix-list out seq 20 permit 11.0.0.0/8",
    ]


def test_a_changed_verdict_of_a_route_map_makes_the_entry_anew() -> None:
    new = OLD.replace("route-map tag permit 10", "route-map tag deny 10")
    assert change(OLD, new)[0].splitlines() == [
        "no route-map tag permit 10",
        "route-map tag deny 10",
        "set tag 5",
        "exit",
    ]


def test_bgp_asks_again_after_a_changed_prefix_list() -> None:
    new = OLD.replace("seq 5 permit 10.0.0.0/8", "seq 5 permit 12.0.0.0/8")
    assert refreshed(change(OLD, new)[0], paths(new, FRR)) == ("clear bgp vrf lgwan * soft in",)
    assert refreshed("interface eth1\n", paths(new, FRR)) == ()


def test_difference_shows_the_contexts_and_only_what_changes() -> None:
    new = OLD.replace("cost 10", "cost 20").replace("hostname a", "hostname b")
    assert difference(paths(OLD, FRR), paths(new, FRR), FRR).splitlines() == [
        "-hostname a",
        "+hostname b",
        " interface eth1.10 vrf lgwan",
        "- ip ospf cost 10",
        "+ ip ospf cost 20",
    ]


def test_what_frr_adds_by_itself_is_no_difference() -> None:
    shown = (
        "Building configuration...\n\nCurrent configuration:\n!\nfrr version 8.4.4\n"
        + OLD.replace("vrf lgwan\n ip route", "vrf lgwan\n netns /run/netns/lgwan\n ip route")
        + "bfd\nexit\n!\nend\n"
    )
    assert same(paths(shown, FRR), paths("ip forwarding\n" + OLD, FRR), FRR)
    assert not same(paths(shown, FRR), paths(OLD + "vrf other\nexit-vrf\n", FRR), FRR)


def test_merging_replaces_adds_and_takes_away() -> None:
    more = (
        "interface eth1.10 vrf lgwan\n ip ospf cost 30\n ip address 10.0.1.1/24\nexit\n"
        "no route-map tag permit 10\nhostname b\n"
    )
    merged = write(merge(paths(OLD, FRR), paths(more, FRR), FRR), FRR)
    assert " ip ospf cost 30\n" in merged
    assert "cost 10" not in merged
    assert " ip address 10.0.0.1/24\n" in merged
    assert " ip address 10.0.1.1/24\n" in merged
    assert "route-map" not in merged
    assert "hostname b\n" in merged


def test_writing_and_reading_again_is_the_same() -> None:
    assert paths(write(paths(OLD, FRR), FRR), FRR) == paths(OLD, FRR)


# --- a router that follows the rules FRR follows, for any two configurations

NUMBERS = st.integers(1, 3)
LISTS = st.dictionaries(st.tuples(NUMBERS, st.integers(1, 4)), st.tuples(st.booleans(), st.integers(1, 4)), max_size=6)


@st.composite
def configurations(draw: st.DrawFn) -> str:
    lines = [f"hostname {draw(st.sampled_from('ab'))}"]
    for vrf in sorted(draw(st.sets(NUMBERS))):
        lines += [
            f"vrf v{vrf}",
            *(f" ip route 10.{n}.0.0/16 blackhole" for n in sorted(draw(st.sets(NUMBERS)))),
            "exit-vrf",
        ]
        for port in sorted(draw(st.sets(NUMBERS))):
            lines += [f"interface eth{port}.{vrf} vrf v{vrf}", f" ip address 10.0.{draw(NUMBERS)}.1/24"]
            lines += [f" ip ospf cost {draw(NUMBERS)}"] * draw(st.integers(0, 1))
        if draw(st.booleans()):
            neighbors = sorted(draw(st.sets(NUMBERS)))
            lines += [f"router bgp 64512 vrf v{vrf}"]
            for peer in neighbors:
                lines += [f" neighbor 10.0.0.{peer} remote-as {draw(NUMBERS)}"]
                lines += [f" neighbor 10.0.0.{peer} description d{draw(NUMBERS)}"] * draw(st.integers(0, 1))
            lines += [
                " address-family ipv4 unicast",
                *(f"  network 10.{n}.0.0/16" for n in sorted(draw(st.sets(NUMBERS)))),
            ]
            lines += [f"  neighbor 10.0.0.{peer} prefix-list l{draw(NUMBERS)} out" for peer in neighbors]
    entries: dict[tuple[int, int], tuple[bool, int]] = draw(LISTS)
    seen = set()
    for (name, seq), (permit, net) in sorted(entries.items()):
        if (name, net, permit) not in seen:
            seen.add((name, net, permit))
            lines.append(f"ip prefix-list l{name} seq {seq * 5} {'permit' if permit else 'deny'} 10.{net}.0.0/16")
    for name, seq in sorted(draw(st.sets(st.tuples(NUMBERS, NUMBERS)))):
        lines += [f"route-map m{name} {draw(st.sampled_from(('permit', 'deny')))} {seq}"]
        lines += [f" set tag {draw(NUMBERS)}"] * draw(st.integers(0, 1))
    return "\n".join(lines)


class Router:
    """Lines by context; refuses what FRR refuses."""

    def __init__(self, text: str) -> None:
        self.lines = dict.fromkeys(paths(text, FRR))

    def feed(self, batch: str) -> None:
        context: Path = ()
        for line in batch.splitlines():
            if context and line == leaving(context[-1]):
                context = context[:-1]
            elif line.startswith("no "):
                self.take(context, line.removeprefix("no "))
            else:
                path = (*context, line)
                self.add(path)
                if matches(FRR.contexts, line):
                    context = path
        assert context == ()

    def take(self, context: Path, what: str) -> None:
        gone = [path for path in self.lines if path[: len(context) + 1] == (*context, what)]
        if what.startswith(("neighbor", "description")) and not gone:
            gone = [path for path in self.lines if path[: len(context)] == context and path[-1].startswith(f"{what} ")]
        assert gone, f"{context}: no {what}"
        for path in gone:
            del self.lines[path]

    def add(self, path: Path) -> None:
        if path[-1].startswith("neighbor ") and " remote-as " not in path[-1]:
            peer = path[-1].split()[1]
            assert any(
                line[:1] == path[:1] and line[-1].startswith(f"neighbor {peer} remote-as") for line in self.lines
            ), "Specify remote-as first"
        if path[0].startswith("ip prefix-list"):
            words = path[0].split()
            others = [line[0].split() for line in self.lines if line[0].startswith(f"ip prefix-list {words[2]} ")]
            assert not any(other[5:] == words[5:] and other[4] != words[4] for other in others), "duplicate"
        key = replacing(path, FRR)
        if key is not None:
            for line in [line for line in self.lines if replacing(line, FRR) == key]:
                del self.lines[line]
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length])


@settings(deadline=None, max_examples=40)
@given(configurations(), configurations())
def test_the_commands_lead_from_any_configuration_to_any_other(old: str, new: str) -> None:
    made = delta(paths(old, FRR), paths(new, FRR), FRR)
    router = Router(old)
    router.feed(made.batch)
    router.feed(made.late)
    assert same(router.lines, paths(new, FRR), FRR)


@settings(deadline=None, max_examples=40)
@given(configurations(), st.randoms())
def test_the_order_of_lines_does_not_matter(text: str, order: random.Random) -> None:
    shuffled = list(paths(text, FRR))
    order.shuffle(shuffled)
    assert same(paths(text, FRR), shuffled, FRR)
    assert difference(paths(text, FRR), shuffled, FRR) == ""


@settings(deadline=None, max_examples=40)
@given(configurations(), configurations())
def test_merging_keeps_what_runs_or_replaces_it(old: str, more: str) -> None:
    merged = merge(paths(old, FRR), paths(more, FRR), FRR)
    assert set(paths(more, FRR)) <= set(merged)
    assert same(merge(merged, paths(more, FRR), FRR), merged, FRR)
