"""Drills (訓練): a scenario is talked through at a table, or run live in the lab, and recorded for good.

* `model` is what a scenario in YAML may say; `reading` reads it, fills it in and checks it.
* `engine` runs it: hypothesis, faults, clocks, steps, and always the way back (`rollback`); it acts on a `world`, which
  is `live` (the lab) or `tabletop`, and hears people through `operator`.
* `diary` writes every step to the journal before and after it, `standing` reads them: so a drill that was cut short is
  resumed or taken back by whoever comes next.
* `meters`, `service`, `packets`, `separation` and `monitoring` look at the city all the time.
* `clocks` judges by the targets; `record` keeps it all in a folder, `report` and `plots` write it for officials.
"""
