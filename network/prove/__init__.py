"""The proof that segments are apart and that only registered flows cross.

`proof.prove(subject)` tries claims about a `Subject`; `subjects` makes one from a compiled city, from configuration
texts or from what running devices say. A claim is a module: `separation` (zones are apart) and `transition` (so they
are in every mixture of old and new devices on the way of a change) stand on the package `crossing`; `service` and
`resilience` (every registered flow has a path, and keeps it when any one thing fails) on the package `paths`. Both
packages stand on `filtering`, what one device's filters let through, and this on `sets`, the exact sets of packets.
Everything is pure but for `subjects.read_configurations`: values in, values out, no device and no file is touched. Of a
large city `prove` works out one IP family in a second process (`apart`); what is asked again and again keeps what it
knows in a `Prover`.
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
