"""The sample company in the console: its domain, a few users by hand, its directory as a source, and two syncs."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from flask import current_app

from console.core.address import parse
from console.core.errors import RollcallError
from console.core.person import Kind
from console.models import Admin, Domain, RunKind, Source, SourceKind
from console.store import domains, recipients, sources, users
from tests.demo import directory, names
from tests.demo.work import CompanyError, Say, Watch, work
from tests.servers import apt
from tests.servers.pki import Pki
from tests.servers.process import PortTakenError, ServerError
from tests.servers.slapd import Slapd

HOST = "localhost"
SOURCE = "HQ"
GROUP = "Workshop"
BY_HAND = 36
EVERY_NTH_IN_THE_WORKSHOP = 13

WITH_DIRECTORY, WITHOUT = "with a directory", "without a directory"


class Company:
    """The sample company, with its files in a folder. Used within an application context."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marker = folder / "loaded"

    @property
    def loaded(self) -> str:
        """How the sample was loaded to its end, WITH_DIRECTORY or WITHOUT, if it still is there."""
        if not self._marker.exists() or domains.named(directory.DOMAIN) is None:
            return ""
        return self._marker.read_text()

    def clear(self) -> None:
        """Take away what an earlier start loaded, whole or in part."""
        self._marker.unlink(missing_ok=True)
        shutil.rmtree(self._folder / "slapd", ignore_errors=True)
        there = domains.named(directory.DOMAIN)
        if there is not None:
            domains.delete(there)

    def serve(self) -> Slapd:
        """Start the directory, on the port that the source knows if it can be had; else the source is told.

        Raises ServerError when slapd is missing or does not start.
        """
        known = self._source()
        try:
            slapd = self._start(int(known.settings["port"]) if known else None)
        except PortTakenError:
            slapd = self._start(None)
        if known and known.settings["port"] != slapd.tls_port:
            known.settings = {**known.settings, "port": slapd.tls_port}
            sources.save(known)
        return slapd

    def present(self, owner: Admin, stack: ExitStack, watch: Watch, say: Say) -> str:
        """Serve what an earlier start has loaded, or load it; a sentence about what is missing, if anything is.

        A sample that was loaded without a directory is loaded anew when there can be one.
        """
        trouble, slapd = missing(say), None
        if not self.loaded or (self.loaded == WITHOUT and not trouble):
            self.clear()
        try:
            slapd = None if trouble else stack.enter_context(self.serve())
        except ServerError as error:
            trouble = str(error)
        if not self.loaded:
            try:
                self.load(owner, slapd, watch, say)
            except (CompanyError, RollcallError) as error:
                return f"The sample is not whole: {error}"
        return f"The sample is without its directory. {trouble}" if trouble else ""

    def load(self, owner: Admin, slapd: Slapd | None, watch: Watch, say: Say) -> None:
        """Load everything; with a directory through it, by the workers. Raises CompanyError."""
        domain = domains.add(directory.DOMAIN, [directory.ALIAS_DOMAIN], owner)
        workshop = domains.add_group(domain, GROUP)
        self._by_hand(domain, owner, workshop.id, few=slapd is not None)
        if slapd is not None:
            source = self._add_source(domain, slapd)
            work(RunKind.TEST, source, owner, watch)
            first = work(RunKind.SYNC, source, owner, watch)
            say(f"The first sync brought {first.counts['created']} users from the directory.")
            self._assign(domain, owner, workshop.id)
            directory.move_on(slapd)
            work(RunKind.SYNC, source, owner, watch)
        self._marker.write_text(WITH_DIRECTORY if slapd else WITHOUT)

    def _start(self, port: int | None) -> Slapd:
        pki = Pki(self._folder / "pki", "Brightfield CA")
        return Slapd.start(
            self._folder / "slapd",
            pki,
            directory.entries(),
            suffix=directory.SUFFIX,
            host_name="dc1.brightfield.example",
            tls_port=port,
        )

    def _source(self) -> Source | None:
        """Our source, unless a person has pointed it elsewhere or deleted it."""
        domain = domains.named(directory.DOMAIN)
        found = sources.of_domain(domain.id) if domain else []
        return next((source for source in found if (source.name, source.settings["host"]) == (SOURCE, HOST)), None)

    def _by_hand(self, domain: Domain, owner: Admin, workshop: int, *, few: bool) -> None:
        """Users that no directory knows; and without one a few dozen people, so that there is a list to look at."""

        def add(name: names.Name, kind: Kind = Kind.MAILBOX, group_id: int | None = None) -> None:
            recipients.add(
                domain,
                owner,
                parse(name.local, domain.name),
                first_name=name.first,
                last_name=name.last,
                kind=kind,
                group_id=group_id,
            )

        # The directory has a mailbox of this name too: the first sync finds a conflict.
        add(names.Name("Front", "Desk", "reception"))
        add(names.Name("", "CNC mill, status mails", "cnc-mill"), Kind.RESOURCE, workshop)
        add(names.Name("", "Torque bench, reports", "torque-bench"), Kind.RESOURCE, workshop)
        add(names.Name("", "Newsletter", "newsletter"), Kind.LIST)
        for name in [] if few else names.people(BY_HAND):
            add(name)

    def _add_source(self, domain: Domain, slapd: Slapd) -> Source:
        authority = self._folder / "pki" / "ca.pem"
        return sources.save(
            Source(
                domain_id=domain.id,
                group_id=domains.default_group(domain.id).id,
                kind=SourceKind.LDAP.value,
                name=SOURCE,
                interval_minutes=15,
                settings={
                    "host": HOST,
                    "port": slapd.tls_port,
                    "tls": "ldaps",
                    "user_dn": slapd.reader_dn,
                    "search_base": slapd.suffix,
                    "filter": "",
                    "ca_pem": authority.read_text(),
                    "verify": True,
                },
                secret=current_app.extensions["sealer"].seal(slapd.reader_password),
            )
        )

    def _assign(self, domain: Domain, owner: Admin, workshop: int) -> None:
        """Some people work in the workshop, which the directory does not know: what a person sets stays."""
        staff = [row.id for row in users.every(domain.id) if row.source_id and row.kind == Kind.MAILBOX]
        for user_id in staff[::EVERY_NTH_IN_THE_WORKSHOP]:
            user = recipients.current(user_id)
            if user is not None:
                recipients.edit(
                    user,
                    owner,
                    first_name=user.first_name,
                    last_name=user.last_name,
                    kind=user.kind,
                    group_id=workshop,
                )


def missing(say: Say) -> str:
    """Why there can be no directory, after root has installed what can be installed; nothing if there can be one."""
    if apt.find("slapd") is None and os.geteuid() == 0:
        say("Installing slapd, the server of the sample directory ...")
    try:
        apt.ensure({"slapd": apt.PACKAGES["slapd"]})
    except apt.MissingPackagesError as error:
        return str(error).replace(" Run: ", " To install it, and then start again:\n")
    return ""
