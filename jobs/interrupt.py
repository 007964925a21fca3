"""Why a run ends early: a person cancelled it, or the worker has to stop."""


class Cancelled(Exception):
    """A person asked for the run to end; the list is as it was."""


class Interrupted(Exception):
    """The worker is being stopped; the list is as it was, and the run can be run again."""
