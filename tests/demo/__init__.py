"""Rollcall on one machine, for `make run` and `make demo`, and the sample company that the demo shows."""
