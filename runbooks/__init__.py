"""Operate it: backup, restore, failover, drills."""
