"""A server's text and manifest: what is written is read back, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.servers import manifest
from deploy.servers.text import ManagedFile, ServerText, dump, parse

names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
paths = st.from_regex(r"(/[a-z][a-z0-9._-]{0,8}){1,4}", fullmatch=True)
contents = st.text(
    st.one_of(st.sampled_from("\n \\#=>/"), st.characters(exclude_categories=["Cs"], exclude_characters="\r")),
    max_size=80,
) | st.sampled_from(["", "\n", "# ==> /etc/x 0644 root:root -\n", "daemon x", "\\ no newline at the end\n", "a\n\n\n"])
managed = st.builds(
    ManagedFile,
    paths,
    contents,
    st.sampled_from(["0644", "0600", "0755"]),
    st.sampled_from(["root:root", "postgres:postgres"]),
    names | st.just("-"),
    st.booleans(),
)
servers = st.builds(
    lambda name, packages, daemons, files: ServerText(
        name, tuple(sorted(packages)), tuple(sorted(daemons)), {file.path: file for file in files}
    ),
    names,
    st.sets(names, max_size=3),
    st.sets(names, max_size=3),
    st.lists(managed, max_size=4),
)


@settings(deadline=None)
@given(servers)
def test_a_text_is_read_back_as_it_was_written(server: ServerText) -> None:
    read = parse(dump(server))
    assert read == server
    assert dump(read) == dump(server)


@settings(deadline=None)
@given(servers, servers)
def test_two_servers_never_share_a_text(one: ServerText, other: ServerText) -> None:
    assert (dump(one) == dump(other)) == (one == other)


@settings(deadline=None)
@given(servers)
def test_a_manifest_keeps_all_but_the_contents(server: ServerText) -> None:
    read = manifest.read(server.name, manifest.write(server))
    if server.files or server.daemons:
        assert (read.packages, read.daemons) == (server.packages, server.daemons)
    assert {path: (file.daemon, file.sealed) for path, file in read.files.items()} == {
        path: (file.daemon, file.sealed) for path, file in server.files.items()
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# hostname a\nlisten 53\n", "line 2: listen 53"),
        (" stray\n", "line 1: stray"),
        ("# ==> etc/x 0644 root:root -\n", "line 1: # ==> etc/x"),
        ("# ==> /etc/x 0644 root:root -\ndaemon late\n", "line 2: daemon late"),
        ("\\ no newline at the end\n", "line 1:"),
    ],
)
def test_what_is_no_such_text_is_refused_with_its_line(text: str, line: str) -> None:
    with pytest.raises(ValueError, match="line") as error:
        parse(text)
    assert line in str(error.value)
