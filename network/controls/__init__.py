"""The controls: what the guideline, a city's plans and good practice ask for, decided by machine where facts allow.

* `facts` holds what is known about a city on a day; what was not asked is None and is never taken for good.
* `control` is one control and the result of judging it; a module a chapter holds the classes, `catalog` lists them all.
* `report` tells the results to people and programs.

Everything is pure: no device, file or journal is touched here. A control's basis is shown beside each result: what is
recalled (K) or proposed by us (P) must never pass for the ministry's word.
"""

from network.controls.catalog import CHAPTERS, CONTROLS, Chapter, judge
from network.controls.control import Control, Evidence, Result
from network.controls.facts import ChangeLog, ChangeRecord, Deviation, Facts, Inspection

__all__ = [
    "CHAPTERS",
    "CONTROLS",
    "ChangeLog",
    "ChangeRecord",
    "Chapter",
    "Control",
    "Deviation",
    "Evidence",
    "Facts",
    "Inspection",
    "Result",
    "judge",
]
