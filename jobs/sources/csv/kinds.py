"""What a cell of a type or status column says, in the words of those who export it."""

from functools import lru_cache

from console.core.person import Kind, Status
from jobs.sources.csv.headers import plain

GUEST = "A guest of another organisation: mail for its address is delivered there."
CONTACT = "A contact: mail for its address is delivered elsewhere."
SYSTEM = "A mailbox that Exchange made for itself, not a recipient."
DELETED = "Deleted, as the file says."

_KINDS = {
    Kind.MAILBOX: """
        mailbox user usermailbox useraccount linkedmailbox linked linkedremote linkedusermailbox legacymailbox
        remoteusermailbox remotemailbox office365 userarchive mailuser
        benutzer benutzerpostfach utilisateur boiteauxlettresutilisateur boiteauxlettresdutilisateur
        usuario buzondeusuario gebruiker gebruikerspostvak postvakvangebruiker
        """,
    Kind.SHARED: """
        shared sharedmailbox remotesharedmailbox teammailbox sitemailbox
        freigegeben freigegebenespostfach partage boiteauxlettrespartagee compartido buzoncompartido
        gedeeld gedeeldpostvak
        """,
    Kind.RESOURCE: """
        resource room equipment roommailbox equipmentmailbox remoteroommailbox remoteequipmentmailbox
        schedulingmailbox workspacemailbox workspace resourcemailbox linkedroommailbox
        raum raumpostfach gerat geratepostfach ressource ressourcenpostfach
        salle boiteauxlettresdesalle boiteauxlettresdequipement equipement
        sala buzondesala buzondeequipo equipo recurso ruimte ruimtepostvak zaal apparatuur apparatuurpostvak
        """,
    Kind.LIST: """
        list distributionlist distributiongroup group mailuniversaldistributiongroup mailuniversalsecuritygroup
        mailnonuniversalgroup dynamicdistributiongroup groupmailbox roomlist mailenabledsecuritygroup
        mailenabledgroup microsoft365group office365group unifiedgroup
        verteilerliste verteilergruppe listededistribution groupededistribution listadedistribucion
        grupodedistribucion distributielijst distributiegroep
        """,
    Kind.PUBLIC_FOLDER: "publicfolder mailpublicfolder offentlicherordner dossierpublic carpetapublica openbaremap",
}
_NOT_RECIPIENTS = {
    # Entra's members may be people, shared mailboxes or rooms.
    "": "member mitglied membre miembro lid",
    GUEST: "guest guestuser guestmailuser gast invite invitado gastgebruiker",
    CONTACT: "mailcontact contact mailforestcontact kontakt contacto",
    SYSTEM: """
        discoverymailbox arbitrationmailbox auditlogmailbox auxauditlogmailbox monitoringmailbox systemmailbox
        systemattendantmailbox supervisoryreviewpolicymailbox mailboxplan publicfoldermailbox microsoftexchange
        """,
}
_OF_KIND: dict[str, Kind | str] = {
    word: meaning for table in (_KINDS, _NOT_RECIPIENTS) for meaning, words in table.items() for word in words.split()
}

_OF_STATUS = {
    word: sentence
    for sentence, words in {
        "Suspended, as the file says.": "suspended gesperrt suspendu suspendido opgeschort sospeso suspenso",
        "Archived, as the file says.": "archived archiviert archive archivado gearchiveerd",
        DELETED: "deleted softdeleted geloscht supprime eliminado verwijderd",
        "Disabled, as the file says.": """
            disabled inactive deactivated deaktiviert inaktiv desactive inactif desactivado inactivo deshabilitado
            uitgeschakeld inactief
            """,
    }.items()
    for word in words.split()
}
_KEPT = frozenset({Status.MISSING.value, Status.DISABLED.value})


@lru_cache(maxsize=4096)
def kind_of(text: str) -> Kind | str | None:
    """The kind that a cell names, or a sentence that says why this is no recipient, or an empty one where the word says
    neither; None for unknown words.
    """
    return _OF_KIND.get(plain(text))


@lru_cache(maxsize=4096)
def left_out(status: str) -> str:
    """Why a user of this status is no recipient, or nothing."""
    return _OF_STATUS.get(plain(status), "")


def stays_as_it_is(status: str) -> bool:
    """Whether the console's own word says that a user is not active: whoever exports and imports it wants no change."""
    return status.strip().lower() in _KEPT
