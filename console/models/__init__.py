"""The tables. Nothing here queries: that is the store's."""

from console.models.admin import Admin, Role, admin_domains
from console.models.base import Base, DatabaseDown, DatabaseError, db, now
from console.models.day import DomainDay
from console.models.delivery import DeliveryServer
from console.models.discovery import Discovery, Sighting
from console.models.domain import Domain, DomainName, Group
from console.models.entry import AdminSession, Invitation, invitation_domains
from console.models.event import Event, EventKind, Topic
from console.models.notice import Notice, NoticeKind
from console.models.perimeter import Credential, Rejection
from console.models.run import OPEN, WORKING, Change, Issue, Run, RunKind, RunState
from console.models.source import KeptAddress, MailboxKind, Source, SourceKind
from console.models.two_steps import HalfSignIn, Organisation, Passkey, RecoveryCode, SecondStep
from console.models.upload import Upload
from console.models.user import Address, User, UserCount

__all__ = [
    "OPEN",
    "WORKING",
    "Address",
    "Admin",
    "AdminSession",
    "Base",
    "Change",
    "Credential",
    "DatabaseDown",
    "DatabaseError",
    "DeliveryServer",
    "Discovery",
    "Domain",
    "DomainDay",
    "DomainName",
    "Event",
    "EventKind",
    "Group",
    "HalfSignIn",
    "Invitation",
    "Issue",
    "KeptAddress",
    "MailboxKind",
    "Notice",
    "NoticeKind",
    "Organisation",
    "Passkey",
    "RecoveryCode",
    "Rejection",
    "Role",
    "Run",
    "RunKind",
    "RunState",
    "SecondStep",
    "Sighting",
    "Source",
    "SourceKind",
    "Topic",
    "Upload",
    "User",
    "UserCount",
    "admin_domains",
    "db",
    "invitation_domains",
    "now",
]
