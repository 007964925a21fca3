"""What the header of a column says that it holds, in the languages that exports come in."""

import re
import unicodedata
from functools import lru_cache

from jobs.sources.csv.settings import Meaning

# English first, then German, French, Spanish, Dutch and a few words of Italian and Portuguese, as the admin centers of
# Microsoft and Google and the mail products of the reference translate them, without spaces, accents and punctuation.
# The order counts where a file has several of one meaning: the first is the best.
_WORDS = {
    Meaning.ADDRESS: """
        primarysmtpaddress primaryemailaddress primaryemail primaryaddress primary smtpaddress emailaddress email
        mailaddress mail address useremail emailid recipient recipientaddress workemail windowsemailaddress
        primaresmtpadresse primareemailadresse primareemail primareadresse hauptadresse emailadresse mailadresse
        epost epostadresse adresse empfanger
        adressesmtpprincipale adresseprincipale adresseemailprincipale adresseemail adressedemessagerie courriel
        adresseelectronique adressecourriel adressedecourriel adressedecourrielprincipale
        direccionsmtpprincipal direcciondecorreoelectronicoprincipal direccionprincipal correoelectronicoprincipal
        direcciondecorreoelectronico correoelectronico direcciondecorreo correo direccion
        primairsmtpadres primairemailadres primairadres emailadres mailadres adres
        indirizzoemail indirizzodipostaelettronica postaelettronica indirizzo enderecodeemail enderecodecorreio
        """,
    Meaning.LOGIN: """
        userprincipalname upn principalname signinname loginname login username user
        benutzerprinzipalname anmeldename benutzername nomdutilisateurprincipal nomprincipaldelutilisateur
        nomdutilisateur nombreprincipaldeusuario nombreprincipaldelusuario nombredeusuario
        userprincipalnaam principalnamevangebruiker userprincipalnamevandegebruiker gebruikersnaam nomeutente
        """,
    Meaning.ALL_ADDRESSES: """
        proxyaddresses emailaddresses smtpaddresses proxyadressen emailadressen adressesproxy adressesdeproxy
        adressesemail adressesdemessagerie direccionesdeproxy direccionesproxy direccionesdecorreoelectronico
        emailadresses indirizziproxy enderecosdeproxy
        """,
    Meaning.ALIASES: """
        aliases emailaliases emailalias aliasaddresses aliasaddress aliasemail alias otheraddresses otheremailaddresses
        additionaladdresses additionalemailaddresses secondaryaddresses secondarysmtpaddresses secondarysmtpaddress
        weitereadressen weitereemailadressen aliasadressen aliasadresse aliasse autresadresses adressesalias
        aliasdecourriel otrasdirecciones direccionesalias direccionesadicionales aliassen aliasadres overigeadressen
        """,
    Meaning.FIRST_NAME: """
        firstname givenname forename first vorname rufname prenom nombre nombredepila primernombre voornaam nome
        """,
    Meaning.LAST_NAME: """
        lastname surname familyname last sn nachname familienname zuname nom nomdefamille apellidos apellido achternaam
        familienaam cognome sobrenome
        """,
    Meaning.NAME: """
        displayname fullname name anzeigename vollstandigername nomcomplet nomdaffichage nomaafficher
        nombreparamostrar nombrecompleto nombremostrado nombredelpublico weergavenaam volledigenaam naam
        nomevisualizzato nomedeexibicao
        """,
    Meaning.KIND: """
        recipienttypedetails mailboxtype kind recipienttype usertype objecttype type
        postfachtyp empfangertyp empfangertypdetails benutzertyp art typ typedeboiteauxlettres typedeboitesauxlettres
        typededestinataire typedutilisateur tipodebuzon tipodedestinatario tipodeusuario tipo postvaktype typepostvak
        geadresseerdetype typegeadresseerde ontvangertype gebruikerstype
        """,
    Meaning.GROUP: "group groupname gruppe gruppenname groupe grupo groep gruppo",
    Meaning.STATUS: "status userstatus accountstatus statut estado stato",
    Meaning.DELETED: "softdeletiontimestamp deletiontimestamp deleteddatetime whensoftdeleted",
}
_MEANINGS = {
    word: (meaning, rank) for meaning, words in _WORDS.items() for rank, word in reversed([*enumerate(words.split())])
}
# Addresses in these are somebody's, but this user's mail does not come in under them.
_NOT_OWN = re.compile(
    "recovery|secondaryemail|alternate|manager|forward|notification|contact|newprimary|authentication|createdby"
    "|owner|password|wiederherstell|weiterleit|vorgesetz|passwor|recuperation|recuperacion|contrasena|herstel"
    "|doorstuur|reenvio|transfert|motdepasse|wachtwoord"
)
# The languages' own words for when a deleted user was deleted.
_DELETION = re.compile("softdelet|deletion|losch|loesch|suppression|supprim|elimina|verwijder|cancellazion")
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_LAST = len(_MEANINGS)


def meaning_of(header: str) -> Meaning | None:
    """What a column with this header holds; None when the words are not known."""
    return _read(plain(header))[0]


def rank_of(header: str) -> int:
    """How good a word this is for its meaning: the lower the better."""
    return _read(plain(header))[1]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The letters and digits of a text in small, without accents and whatever stands in brackets."""
    decomposed = unicodedata.normalize("NFKD", _BRACKETS.sub("", text[:200]).casefold())
    return "".join(character for character in decomposed if character.isalnum())


@lru_cache(maxsize=4096)
def _read(word: str) -> tuple[Meaning | None, int]:
    if known := _MEANINGS.get(word) or _MEANINGS.get(word.rstrip("0123456789x")):
        return known
    if _NOT_OWN.search(word):
        return Meaning.IGNORE, _LAST
    if _DELETION.search(word):
        return Meaning.DELETED, _LAST
    return None, _LAST
