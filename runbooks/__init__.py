"""Operate it: runbooks (手順書) and drills (訓練).

* `procedures` holds what a runbook is, and runs one by ansible-runner; the runbooks themselves are in `library`.
* `drills` holds what a drill is: its scenario, its clocks, its engine, its record; the scenarios are in `scenarios`.
* `steering` is what both look at to know which city and which machines they act on.
"""
