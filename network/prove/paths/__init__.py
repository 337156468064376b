"""Whether a registered flow has a path in the intended routing, and what takes it away.

`passages` are the ways a flow may take; they stand on `adjacency`, `routes` (and these on `announcements`), `switched`
and `gates`; `steered` says whether policy routes (`steering`) let it take one. `families` gives all paths at once, of
ends that share their `courses` to firewalls; what no change touched is kept. `obstacles` says why there is none,
`failures` and `down` what can fail, `losses` what breaks then, `itinerary` tells a way in hops.
"""
