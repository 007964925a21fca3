"""Errors that an administrator reads: one sentence that says what is wrong and what to do."""


class RollcallError(Exception):
    """A refusal with a sentence for the administrator; never holds a secret."""

    @property
    def sentence(self) -> str:
        return str(self)


class SourceError(RollcallError):
    """A source could not be read to its end, so nothing was changed.

    `permanent` is true when trying again without a change of settings cannot help (a wrong password, say).
    `detail` is the peer's own message, shown one click away.
    """

    def __init__(self, sentence: str, *, permanent: bool = False, detail: str = "") -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.detail = detail


class AddressError(RollcallError, ValueError):
    """A text that is not a mail address that could be a recipient."""


class StaleError(RollcallError):
    """The list changed between the moment a plan was made and the moment it was applied."""


class RefusedError(RollcallError):
    """An act that the rules do not allow now."""
