"""Two-step sign-in of accounts: the app that makes codes, and recovery codes for when it is lost.

A code is taken once: by a condition of the statement that takes it, so that of two who send it at once one gets in.
"""

import datetime as dt
import secrets

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from console import codes
from console.core.errors import RefusedError
from console.models import Admin, EventKind, Notice, NoticeKind, Passkey, RecoveryCode, SecondStep, db, now
from console.secrets import Sealer
from console.store import events, notices, sessions

WRONG = "This is not the code that the app shows now. Wait for the next one, and check the time of the phone."
HAS = "Two-step sign-in is on already for this account."
SHUT = (
    "What your app shares with the console cannot be opened with the present SEALING_KEYS. Use a recovery code, or "
    "have an owner reset your two-step sign-in."
)
# From here on a notice asks for new ones.
FEW = 3
TOLD_AGAIN = dt.timedelta(days=1)
_QUIETLY = {"synchronize_session": False}


def is_on(admin_id: int) -> bool:
    return db.session.get(SecondStep, admin_id) is not None


def of_admins() -> frozenset[int]:
    """The accounts with two-step sign-in."""
    return frozenset(db.session.scalars(select(SecondStep.admin_id)))


def turn_on(admin: Admin, secret: str, code: str, sealer: Sealer) -> list[str]:
    """Turn two-step sign-in on with an app that has this secret, as its code proves; the recovery codes, shown once.

    Raises RefusedError for a wrong code, or where it is on already.
    """
    step = codes.matching_step(secret, code)
    if step is None:
        raise RefusedError(WRONG)
    db.session.add(SecondStep(admin_id=admin.id, secret=sealer.seal(secret), used_step=step))
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(HAS) from None
    shown = _put_codes(admin.id)
    notices.tell_person(NoticeKind.TWO_STEPS_ON, admin)
    events.note(EventKind.SECOND_STEP_CHANGED, "Turned on two-step sign-in")
    db.session.commit()
    return shown


def take(admin_id: int, code: str, sealer: Sealer) -> bool:
    """Whether this is a code of the account's app that is good now and was not taken before. Commits.

    Raises RefusedError when no key of SEALING_KEYS opens the app's secret.
    """
    held = db.session.get(SecondStep, admin_id, populate_existing=True)
    step = codes.matching_step(_opened(held, sealer), code) if held is not None else None
    if step is None:
        return False
    taken = update(SecondStep).where(SecondStep.admin_id == admin_id, SecondStep.used_step < step)
    found = db.session.scalar(taken.values(used_step=step).returning(SecondStep.admin_id), execution_options=_QUIETLY)
    db.session.commit()
    return found is not None


def is_used(admin_id: int, code: str, sealer: Sealer) -> bool:
    """Whether this is a code that would be good now, had nobody taken it, or a later one, before."""
    held = db.session.get(SecondStep, admin_id, populate_existing=True)
    step = codes.matching_step(_opened(held, sealer), code) if held is not None else None
    return held is not None and step is not None and step <= held.used_step


def tell_refused(admin: Admin, what: str) -> None:
    """Tell an account by mail, once a day at most, that somebody has its first step and not the second."""
    since = select(Notice.id).where(
        Notice.admin_id == admin.id,
        Notice.kind == NoticeKind.SECOND_STEP_REFUSED.value,
        Notice.created_at > now() - TOLD_AGAIN,
    )
    if not db.session.scalar(select(exists(since))):
        notices.tell_person(NoticeKind.SECOND_STEP_REFUSED, admin, what)
    db.session.commit()


def take_recovery_code(admin: Admin, code: str) -> bool:
    """Whether this is a recovery code of the account that nobody used; it is used now, of which a mail tells."""
    unused = select(RecoveryCode).where(RecoveryCode.admin_id == admin.id, RecoveryCode.used_at.is_(None))
    # All are compared, so that the time does not tell which was nearly right.
    fitting = [row.id for row in db.session.scalars(unused) if codes.is_recovery_code(code, row.salt, row.digest)]
    if not fitting:
        return False
    used = update(RecoveryCode).where(RecoveryCode.id == fitting[0], RecoveryCode.used_at.is_(None))
    found = db.session.scalar(used.values(used_at=now()).returning(RecoveryCode.id), execution_options=_QUIETLY)
    if found is not None:
        remaining = left(admin.id)
        notices.tell_person(NoticeKind.RECOVERY_CODE_USED, admin, str(remaining))
        by = events.actor().or_of(admin)
        events.note(EventKind.SECOND_STEP_CHANGED, f"Used a recovery code, {remaining} left", by=by)
    db.session.commit()
    return found is not None


def left(admin_id: int) -> int:
    """How many recovery codes of an account nobody used."""
    unused = select(func.count()).where(RecoveryCode.admin_id == admin_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def renew_codes(admin: Admin) -> list[str]:
    """New recovery codes, to be shown once; the former ones are of no use any more.

    Raises RefusedError where two-step sign-in is off.
    """
    held = select(SecondStep).where(SecondStep.admin_id == admin.id).with_for_update()
    if db.session.scalar(held) is None:
        db.session.rollback()
        raise RefusedError("Two-step sign-in is off, so there is nothing that recovery codes would stand in for.")
    shown = _put_codes(admin.id)
    notices.tell_person(NoticeKind.RECOVERY_CODES_MADE, admin)
    events.note(EventKind.SECOND_STEP_CHANGED, "Made new recovery codes")
    db.session.commit()
    return shown


def turn_off(admin: Admin) -> None:
    """Turn two-step sign-in off: the app and the recovery codes are forgotten. The account is told by mail."""
    if _forget(admin.id):
        notices.tell_person(NoticeKind.TWO_STEPS_OFF, admin, "on the Account page")
        events.note(EventKind.SECOND_STEP_CHANGED, "Turned off two-step sign-in")
    db.session.commit()


def reset(admin: Admin, by: str) -> bool:
    """The same for somebody who lost the app and the codes, and maybe the device with the passkeys: those go, too,
    and every session, since whoever found the device may be signed in there.

    `by` says in the mail who did it. Whether there was anything.
    """
    keys = delete(Passkey).where(Passkey.admin_id == admin.id).returning(Passkey.id)
    gone = list(db.session.scalars(keys, execution_options=_QUIETLY))
    found = _forget(admin.id) or bool(gone)
    if found:
        notices.tell_person(NoticeKind.TWO_STEPS_OFF, admin, f"by {by}")
        sessions.end_all(admin.id)
        told = f"Reset the two-step sign-in of {admin.email}, which ended the account's sessions"
        events.note(EventKind.SECOND_STEP_CHANGED, told)
    db.session.commit()
    return found


def _opened(held: SecondStep, sealer: Sealer) -> str:
    try:
        return sealer.unseal(held.secret)
    except RefusedError:
        raise RefusedError(SHUT) from None


def _forget(admin_id: int) -> bool:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.admin_id == admin_id), execution_options=_QUIETLY)
    gone = delete(SecondStep).where(SecondStep.admin_id == admin_id).returning(SecondStep.admin_id)
    return db.session.scalar(gone) is not None


def _put_codes(admin_id: int) -> list[str]:
    shown = [codes.new_recovery_code() for _ in range(codes.RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.admin_id == admin_id), execution_options=_QUIETLY)
    db.session.add_all(_row(admin_id, code) for code in shown)
    return shown


def _row(admin_id: int, code: str) -> RecoveryCode:
    salt = secrets.token_hex(8)
    return RecoveryCode(admin_id=admin_id, salt=salt, digest=codes.recovery_digest(salt, code))
