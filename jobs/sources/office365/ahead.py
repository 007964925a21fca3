"""The first try of a question, made while whoever asks it is still busy with the answer before.

Only that one try is made on another thread. What came of it is judged where the run is: there it waits, tries again,
renews its token or is stopped by a person, as with a question that was not asked ahead.
"""

import threading
from queue import SimpleQueue

from jobs.sources.office365.wire import Broken, Question, Reply, Wire


class Ahead:
    """A question that is on its way.

    Nobody waits for the thread of one whose answer is not wanted any more: it ends with the answer or its time-out, and
    the process need not wait for it.
    """

    def __init__(self, wire: Wire, question: Question) -> None:
        self._came: SimpleQueue[Reply | Broken | BaseException] = SimpleQueue()
        threading.Thread(target=self._ask, args=(wire, question), name="office365-ahead", daemon=True).start()

    def answer(self) -> Reply | Broken:
        """What came of it, once; waits until it has come."""
        came = self._came.get()
        if isinstance(came, BaseException):
            raise came
        return came

    def _ask(self, wire: Wire, question: Question) -> None:
        try:
            self._came.put(wire.ask(question))
        except BaseException as error:  # The asker raises it, without the frames that hold the token.
            self._came.put(error.with_traceback(None))
