"""The proof that segments are apart and that only registered flows cross.

`proof.prove(subject)` tries claims about a `Subject`; `subjects` makes one from a compiled city, from configuration
texts or from what running devices say. `separation` is the claim that zones are apart; it looks at the `plant` (what
hangs together without a filter, told in `merges`), at what crosses firewalls and leaks (`crossings`) or slips into
known connections (`intruders`), at firewalls as targets (`own_addresses`), at rules beside rows (`rows`) and at what
could not be read (`unread`). `transition` asks the same of every mixture of old and new devices on the way of a change
(`sides`).

The claims `service` and `resilience` ask whether every registered flow has a path, and keeps it when any one thing
fails; they stand on `passages`, and this on `adjacency`, `routes`, `switched` and `gates`.

Below stand the exact sets of packets (`packets`), what ordered rules make of them (`rules`), what the filters of a
device let through (`filters`) and how it translates addresses (`translations`). `intervals`, `boxes`, `fields` and
`witness` are the inside of `packets`, the modules `nft_…` that of `filters`. Everything is pure but for
`subjects.read_configurations`: values in, values out, no device and no file is touched.
"""

from network.prove.findings import Claim, Finding, Hop, Proof, Verdict
from network.prove.proof import Prover, prove
from network.prove.subject import Subject
from network.prove.subjects import compiled_subject, parsed_subject, read_configurations, texts_subject

__all__ = [
    "Claim",
    "Finding",
    "Hop",
    "Proof",
    "Prover",
    "Subject",
    "Verdict",
    "compiled_subject",
    "parsed_subject",
    "prove",
    "read_configurations",
    "texts_subject",
]
