"""A tenant that is read in full: its pages, its kinds of recipients, and what the app may not ask."""

from dataclasses import replace

import pytest

from console.core.person import Kind
from jobs.sources.office365.purposes import SECONDS, KnownKinds
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from jobs.sources.office365.wanted import Wanted
from tests.servers.graph import App, GraphStandIn, Refusal, Script
from tests.servers.graph.script import FORBIDDEN
from tests.servers.graph.tenant import Tenant, group, guid, many, user
from tests.sources.ldap import quiet, watching
from tests.sources.office365 import Time, by_name, failure, fetched, registered, source

KINDS = {"ann": Kind.MAILBOX, "fay": Kind.SHARED, "gus": Kind.RESOURCE, "sales": Kind.LIST}


def app(server: GraphStandIn) -> App:
    return next(iter(server.tenant.apps.values()))


def test_users_and_groups_are_read_with_their_kinds(graph: GraphStandIn, office: Office365Settings) -> None:
    snapshot = fetched(office)
    found = by_name(snapshot)
    assert snapshot.complete
    assert not snapshot.changes
    assert sorted(found) == ["all", "ann", "bob", "cat", "dan", "eve", "fay", "gus", "sales"]
    assert {name: found[name].kind for name in KINDS} == KINDS
    assert found["ann"].aliases == ("ann.alias@contoso.example",)
    assert snapshot.remarks == ()


def test_every_page_is_read_and_told(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(registered(many(250, groups=30)))
    seen: list[tuple[str, int]] = []
    snapshot = Office365Source(replace(office, page_size=20)).fetch(watching(seen))
    assert snapshot.read == 280
    assert len(snapshot.rejects) == 2  # guests
    assert (graph.seen.count("users"), graph.seen.count("groups")) == (13, 2)
    assert [stage for stage, _ in seen[:3]] == ["connecting", "binding", "reading"]
    assert {done for stage, done in seen if stage == "reading"} >= {0, 20, 240, 250, 270, 280}


@pytest.mark.parametrize(
    "script",
    [Script(twice=True, max_page=2), Script(empty_pages=3), Script(empty_pages=2, twice=True, max_page=3)],
    ids=["twice", "empty pages", "both"],
)
def test_repeated_objects_and_empty_pages_make_no_difference(
    graph: GraphStandIn, office: Office365Settings, script: Script
) -> None:
    plain = fetched(office)
    graph.reset(script=script)
    assert replace(fetched(office), watermark=None) == replace(plain, watermark=None)


def test_of_an_object_that_came_twice_the_last_one_counts(graph: GraphStandIn, office: Office365Settings) -> None:
    """An object that changes while it is read may be on two pages."""
    graph.reset(script=Script(twice=True, max_page=3))

    def changing(stage: str, done: int = 0, total: int | None = None) -> None:
        if done == 3:  # The second page is on its way then, and the third begins with its last one.
            graph.tenant.users.change(user("fay")["id"], surname="Later")

    snapshot = Office365Source(office).fetch(changing)
    assert by_name(snapshot)["fay"].last_name == "Later"
    assert snapshot.read == 9


def test_security_groups_without_mail_are_not_read(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.tenant.groups.put(group("admins", mailEnabled=False, mail=None, proxyAddresses=[]))
    assert fetched(office).read == 9


def test_what_cannot_be_used_is_told_with_the_reason(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.tenant.users.put(user("zoe", mail=None, proxyAddresses=[]))
    graph.tenant.users.put(user("guest", userType="Guest"))
    snapshot = fetched(office)
    assert {(reject.where, reject.why) for reject in snapshot.rejects} == {
        ("zoe@contoso.example", "It has no mail address."),
        ("guest@contoso.example", "A guest of the tenant: mail for its address is delivered elsewhere."),
    }


def test_only_mailboxes_that_are_not_known_are_asked_what_they_are_for(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    known = KnownKinds()
    first = Office365Source(office, kinds=known).fetch(quiet)
    assert len(graph.seen.asked) == 7
    graph.reset()
    assert Office365Source(office, kinds=known).fetch(quiet).people == first.people
    assert graph.seen.asked == []
    graph.tenant.users.put(user("new"))
    Office365Source(office, kinds=known).fetch(quiet)
    assert graph.seen.asked == [f"/users/{user('new')['id']}/mailboxSettings/userPurpose"]


def test_mailboxes_are_asked_for_twenty_at_a_time(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(registered(many(101)))
    assert len({person.kind for person in fetched(office).people}) == 3
    assert graph.seen.count("batch") == 5  # for 100: one is a guest


def test_mailboxes_elsewhere_are_taken_as_peoples(graph: GraphStandIn, office: Office365Settings) -> None:
    """On premises, or not made yet."""
    graph.tenant.purposes[user("fay")["id"]] = None
    snapshot = fetched(office)
    assert by_name(snapshot)["fay"].kind is Kind.MAILBOX
    assert snapshot.remarks == ()


def test_without_the_permission_all_are_taken_as_peoples_and_a_remark_says_so(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    app(graph).roles = ("User.Read.All", "Group.Read.All")
    known = KnownKinds({user("gus")["id"]: Kind.RESOURCE})
    snapshot = Office365Source(office, kinds=known).fetch(quiet)
    found = by_name(snapshot)
    assert (found["fay"].kind, found["fay"].silent) == (Kind.MAILBOX, frozenset({"kind"}))
    assert (found["gus"].kind, found["gus"].silent) == (Kind.RESOURCE, frozenset())
    assert [remark.what for remark in snapshot.remarks] == ["Microsoft 365"]
    assert "grant it the permission MailboxSettings.Read" in snapshot.remarks[0].why
    assert graph.seen.asked == []


def test_mailboxes_that_an_access_policy_hides_are_told(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.tenant.purposes[user("fay")["id"]] = "denied"
    snapshot = fetched(office)
    assert by_name(snapshot)["fay"].silent == {"kind"}
    assert "Mailboxes that the app may not ask about: 1." in snapshot.remarks[0].why


def test_single_questions_that_are_put_off_are_asked_again(graph: GraphStandIn, office: Office365Settings) -> None:
    time = Time()
    graph.reset(script=Script(busy_items=9))
    snapshot = fetched(office, time)
    assert {name: by_name(snapshot)[name].kind for name in KINDS} == KINDS
    assert sum(time.slept) == 14
    assert graph.seen.count("batch") == 3


def test_when_questions_are_put_off_for_too_long_the_next_run_goes_on(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    graph.reset(registered(many(50)), Script(busy_items=10_000))
    known = KnownKinds()
    snapshot = Office365Source(office, kinds=known, clock=Time().clock).fetch(quiet)
    assert snapshot.complete
    assert "Mailboxes that are not told apart yet: 50." in snapshot.remarks[0].why
    graph.reset()
    assert Office365Source(office, kinds=known).fetch(quiet).remarks == ()
    assert len(known.kinds) == 50


def test_what_was_learned_is_kept_when_the_run_fails_later(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(registered(many(60)))
    known, time = KnownKinds(), Time()

    def fails_at_the_third(stage: str, done: int = 0, total: int | None = None) -> None:
        if graph.seen.count("batch") == 2:
            graph.script = Script(on={("batch", 1): Refusal(500, "x")})

    with pytest.raises(Exception, match="answered 500 while asking what mailboxes are for"):
        Office365Source(office, kinds=known, clock=time.clock).fetch(fails_at_the_third)
    assert len(known.kinds) == 40


def test_a_large_tenant_is_not_asked_about_for_ever(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(registered(many(90)))
    time = Time()

    def slow(stage: str, done: int = 0, total: int | None = None) -> None:
        time.at += SECONDS / 30 if graph.seen.count("batch") else 0

    snapshot = source(office, time).fetch(slow)
    assert 20 < graph.seen.count("batch") * 20 < 90
    assert "not told apart yet" in snapshot.remarks[0].why


def test_groups_that_are_not_wanted_are_read_and_left_out_or_not_read_without_the_permission(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    settings = replace(office, wanted=Wanted(groups=False))
    found = by_name(fetched(settings))
    assert found["sales"].left_out == "groups are not synced from this source"
    app(graph).roles = ("User.Read.All", "MailboxSettings.Read")
    assert fetched(settings).read == 7
    assert "Group.Read.All" in failure(office).sentence


def test_a_tenant_without_changes_to_ask_for_is_read_in_full_each_time(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    graph.reset(script=Script(on={("groups/delta/latest", 1): Refusal(400, "Request_UnsupportedQuery")}))
    snapshot = fetched(office)
    assert snapshot.complete
    assert snapshot.watermark is None


def test_a_permission_that_includes_others_does_for_them(graph: GraphStandIn, office: Office365Settings) -> None:
    app(graph).roles = ("Directory.Read.All", "MailboxSettings.ReadWrite")
    trial = source(office).test(quiet)
    assert trial.found == 9
    assert not any("is missing" in warning for warning in trial.warnings)
    assert "shared mailboxes: 1" in dict(trial.facts)["Kinds"]


def test_a_trial_tells_what_is_granted_what_is_missing_and_whom_it_finds(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    graph.reset(registered(many(120, groups=3), roles=("User.Read.All", "Group.Read.All")))
    trial = source(office).test(quiet)
    facts = dict(trial.facts)
    assert facts["Tenant"] == f"Contoso ({office.tenant})"
    assert facts["Permissions"] == "Group.Read.All, User.Read.All"
    assert facts["Recipients"] == "122 of 123 entries"
    assert facts["Kinds"] == "mailboxes: 119, groups: 3"
    assert trial.found == 123
    assert len(trial.samples) == 10
    assert any("MailboxSettings.Read is missing, to tell shared mailboxes" in text for text in trial.warnings)
    assert any(text.startswith("Dynamic distribution lists are not in Microsoft Graph") for text in trial.warnings)
    assert "1 entry of no use: A guest of the tenant: mail for its address is delivered elsewhere." in trial.warnings


def test_a_trial_counts_who_has_an_address_in_the_domain(graph: GraphStandIn, office: Office365Settings) -> None:
    trial = source(replace(office, domains=frozenset({"fabrikam.example"}))).test(quiet)
    assert (trial.found, trial.samples) == (9, ())
    assert any("Nobody in this tenant has an address in fabrikam.example" in text for text in trial.warnings)


def test_a_trial_asks_for_a_new_token(graph: GraphStandIn, office: Office365Settings) -> None:
    """What was granted or taken back since the last sync shows at once."""
    adapter = source(office)
    adapter.fetch(quiet)
    app(graph).roles = ("User.Read.All", "Group.Read.All")
    assert dict(adapter.test(quiet).facts)["Permissions"] == "Group.Read.All, User.Read.All"


def test_a_trial_does_without_the_tenants_name(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(script=Script(on={("organization", 1): FORBIDDEN}))
    assert dict(source(office).test(quiet).facts)["Tenant"] == office.tenant


def test_a_tenant_that_is_empty_is_read_to_its_end(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(registered(Tenant()))
    snapshot = fetched(replace(office, client_id=guid("rollcall")))
    assert snapshot.complete
    assert snapshot.read == 0
