"""Reading only what changed: with what was known before it makes what a full read would have found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.core.errors import SourceError
from console.core.person import Kind, Person, Snapshot
from jobs.sources.office365.purposes import KnownKinds
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from jobs.sources.office365.tokens import InMemory
from jobs.sources.office365.wanted import Wanted
from tests.servers.graph import GraphStandIn, Misbehaviour, Refusal, Script
from tests.servers.graph.script import GONE, THROTTLED, Failure
from tests.servers.graph.tenant import Tenant, group, many, user
from tests.sources.ldap import quiet
from tests.sources.office365 import NAMES, Time, by_name, registered, small_tenant


@dataclass
class Follower:
    """A source with what it keeps, and the people as it was told of them so far."""

    source: Office365Source
    people: dict[str, Person]
    watermark: Mapping[str, Any] | None

    @classmethod
    def of(cls, office: Office365Settings) -> "Follower":
        follower = cls(Office365Source(office, clock=Time().clock), {}, None)
        follower.follow()
        return follower

    def follow(self) -> Snapshot:
        snapshot = self.source.fetch(quiet, self.watermark)
        if snapshot.complete:
            self.people.clear()
        for key in snapshot.gone:
            self.people.pop(key, None)
        self.people |= {str(person.key): person for person in snapshot.people}
        self.watermark = snapshot.watermark
        return snapshot


def in_full(office: Office365Settings) -> dict[str, Person]:
    return {str(person.key): person for person in Office365Source(office).fetch(quiet).people}


USERS = [*NAMES, "hal", "ivy"]
GROUPS = ["sales", "all", "news"]
TWICE_PARTIAL = Script(twice=True, max_page=2)


def _change_user(tenant: Tenant, name: str, **values: Any) -> None:
    tenant.users.put(user(name, **values))


def _remove(tenant: Tenant, name: str) -> None:
    for collection, found in ((tenant.users, user(name)), (tenant.groups, group(name))):
        if collection.get(found["id"]) is not None:
            collection.remove(found["id"])


Act = Callable[[Tenant], None]
acts = st.one_of(
    st.sampled_from(USERS).map(lambda name: lambda tenant: _change_user(tenant, name)),
    st.tuples(st.sampled_from(USERS), st.sampled_from(["Lee", "Kim", None])).map(
        lambda pair: lambda tenant: _change_user(tenant, pair[0], surname=pair[1])
    ),
    st.sampled_from(USERS).map(lambda name: lambda tenant: _change_user(tenant, name, mail=None, proxyAddresses=[])),
    st.sampled_from(USERS).map(lambda name: lambda tenant: _change_user(tenant, name, userType="Guest")),
    st.sampled_from(USERS).map(
        lambda name: lambda tenant: _change_user(tenant, name, proxyAddresses=[f"SMTP:{name}.new@contoso.example"])
    ),
    st.sampled_from([*USERS, *GROUPS]).map(lambda name: lambda tenant: _remove(tenant, name)),
    st.tuples(st.sampled_from(GROUPS), st.booleans()).map(
        lambda pair: lambda tenant: tenant.groups.put(group(pair[0], mailEnabled=pair[1]))
    ),
)
scripts = st.builds(
    Script, twice=st.booleans(), partial=st.booleans(), unset=st.booleans(), empty_pages=st.integers(0, 2),
    max_page=st.integers(1, 4),
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(acts, max_size=5), min_size=1, max_size=3), scripts)
def test_changes_applied_to_what_was_known_make_what_a_full_read_finds(
    graph: GraphStandIn, office: Office365Settings, rounds: list[list[Act]], script: Script
) -> None:
    graph.reset(small_tenant(), script)
    follower = Follower.of(office)
    for some in rounds:
        for act in some:
            act(graph.tenant)
        assert follower.follow().changes
        assert follower.people == in_full(office)


def test_an_unchanged_tenant_is_two_questions(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(office)
    graph.reset()
    snapshot = follower.follow()
    assert (snapshot.read, snapshot.gone, snapshot.changes, snapshot.complete) == (0, frozenset(), True, False)
    assert [call.name for call in graph.seen.calls] == ["users/delta", "groups/delta"]


def test_an_unchanged_tenant_is_three_questions_with_a_new_token(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    graph.token_lifetime = 240.0
    kept = InMemory()
    first = Office365Source(office, kept).fetch(quiet)
    graph.seen.calls.clear()
    Office365Source(office, kept).fetch(quiet, first.watermark)
    assert [call.name for call in graph.seen.calls] == ["token", "users/delta", "groups/delta"]


def test_an_object_that_changed_again_and_again_is_told_in_its_last_state(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    follower = Follower.of(office)
    graph.reset(script=TWICE_PARTIAL)
    key = user("ann")["id"]
    graph.tenant.users.remove(key)
    graph.tenant.users.put(user("ann", surname="Back"))
    graph.tenant.users.remove(user("bob")["id"])
    snapshot = follower.follow()
    assert by_name(snapshot)["ann"].last_name == "Back"
    assert snapshot.gone == {user("bob")["id"]}


def test_somebody_who_lost_the_mailbox_is_gone_and_told_why(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(office)
    graph.tenant.users.change(user("ann")["id"], mail=None, proxyAddresses=[])
    snapshot = follower.follow()
    assert snapshot.gone == {user("ann")["id"]}
    assert [reject.why for reject in snapshot.rejects] == ["It has no mail address."]


def test_what_the_switches_leave_out_is_told_with_the_reason(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(replace(office, wanted=Wanted(groups=False)))
    graph.tenant.groups.change(group("all")["id"], displayName="Everybody")
    (person,) = follower.follow().people
    assert person.left_out == "groups are not synced from this source"


def test_an_address_that_is_not_mentioned_is_asked_for(graph: GraphStandIn, office: Office365Settings) -> None:
    """Graph promises of a changed object only what has changed."""
    follower = Follower.of(office)
    graph.reset(script=Script(partial=True))
    graph.tenant.users.change(user("ann")["id"], surname="Kim")
    (person,) = follower.follow().people
    assert (person.primary, person.first_name, person.last_name) == ("ann@contoso.example", "Ann", "Kim")
    assert graph.seen.count("batch") == 1


def test_only_new_mailboxes_are_asked_what_they_are_for(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(office)
    graph.reset()
    graph.tenant.users.change(user("fay")["id"], surname="Kim")
    graph.tenant.users.put(user("room"))
    graph.tenant.purposes[user("room")["id"]] = "room"
    found = by_name(follower.follow())
    assert (found["fay"].kind, found["room"].kind) == (Kind.SHARED, Kind.RESOURCE)
    assert [url for url in graph.seen.asked if "mailboxSettings" in url] == [
        f"/users/{user('room')['id']}/mailboxSettings/userPurpose"
    ]


@pytest.mark.parametrize(
    ("call", "trouble"),
    [
        ("users/delta", GONE),
        ("groups/delta", GONE),
        ("users/delta", Refusal(400, "syncStateNotFound", "The sync state generation is not found")),
        ("users/delta", Refusal(400, "Directory_ResyncRequired", "The delta token is too old.")),
        ("users/delta", Refusal(404, "ResourceNotFound")),
        ("users/delta", Misbehaviour.WEB_PAGE),
    ],
)
def test_a_token_that_is_refused_leads_to_a_full_read_which_says_why(
    graph: GraphStandIn, office: Office365Settings, call: str, trouble: Failure
) -> None:
    follower = Follower.of(office)
    graph.reset(script=Script(on={(call, 1): trouble}))
    graph.tenant.users.remove(user("ann")["id"])
    snapshot = follower.follow()
    assert snapshot.complete
    assert not snapshot.changes
    assert snapshot.instead.endswith(".")
    assert follower.people == in_full(office)
    graph.reset()
    assert follower.follow().changes


def test_changes_that_lead_in_a_circle_lead_to_a_full_read(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(office)
    graph.reset(script=Script(circle=True, max_page=2))
    for name in NAMES:
        graph.tenant.users.change(user(name)["id"], surname="Kim")

    def then_well(stage: str, done: int = 0, total: int | None = None) -> None:
        if graph.seen.count("users/delta"):
            graph.script = Script()

    snapshot = follower.source.fetch(then_well, follower.watermark)
    assert snapshot.complete
    assert "page after page without anything new while reading changes of users" in snapshot.instead


@pytest.mark.parametrize(
    "mark",
    [
        {},
        {"selected": "else", "users": "x", "groups": "x"},
        {"users": "", "groups": ""},
        {"users": "https://graph.fabrikam.example/v1.0/users/delta?$deltatoken=1"},
    ],
)
def test_a_watermark_of_another_read_is_not_used(
    graph: GraphStandIn, office: Office365Settings, mark: dict[str, str]
) -> None:
    follower = Follower.of(office)
    follower.watermark = {**(follower.watermark or {}), **mark} if mark else {}
    snapshot = follower.follow()
    assert snapshot.complete
    assert snapshot.instead


def test_other_switches_lead_to_a_full_read(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(office)
    choosy = Office365Source(replace(office, wanted=Wanted(people=False)))
    snapshot = choosy.fetch(quiet, follower.watermark)
    assert snapshot.instead == "What is read was changed since the last sync."
    assert snapshot.complete


def test_a_great_many_incomplete_changes_lead_to_a_full_read(
    graph: GraphStandIn, office: Office365Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.sources.office365.delta._INCOMPLETE", 5)
    follower = Follower.of(office)
    graph.reset(script=Script(partial=True))
    for name in NAMES:
        graph.tenant.users.change(user(name)["id"], surname="Kim")
    assert follower.follow().instead == "So much had changed that everything was read."
    assert follower.people == in_full(office)


@pytest.mark.parametrize("trouble", [THROTTLED, Refusal(500, "x"), Misbehaviour.CLOSE])
def test_trouble_that_passes_is_sat_out_and_trouble_that_stays_ends_the_run(
    graph: GraphStandIn, office: Office365Settings, trouble: Failure
) -> None:
    follower = Follower.of(office)
    graph.reset(script=Script(on={("users/delta", 1): trouble}, times=3))
    assert follower.follow().changes
    graph.reset(script=Script(on={("users/delta", 1): trouble}))
    with pytest.raises(Exception, match="while reading changes of users"):
        follower.follow()


def test_kinds_that_are_kept_outlive_the_run(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(registered(many(100)))
    known = KnownKinds()
    Office365Source(office, kinds=known).fetch(quiet)
    assert sorted(set(known.kinds.values())) == [Kind.MAILBOX, Kind.RESOURCE, Kind.SHARED]


def test_a_permission_that_was_taken_back_is_named(graph: GraphStandIn, office: Office365Settings) -> None:
    follower = Follower.of(office)
    next(iter(graph.tenant.apps.values())).roles = ("User.Read.All", "MailboxSettings.Read")
    graph.expire_tokens()
    with pytest.raises(SourceError, match=r"while reading changes of groups: grant it .* Group\.Read\.All") as caught:
        follower.follow()
    assert caught.value.permanent
