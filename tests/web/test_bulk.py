"""Many users at once: what a change would do is said first, and then it is done to those very users, or nothing is."""

import pytest

from console.core.person import Kind, Status
from console.models import Domain, RunKind, RunState, Source
from console.store import domains, recipients, roster
from tests import factories
from tests.factories import manual_user
from tests.jobs.fake import NEVER, work
from tests.store.lists import listed
from tests.web.bulk_asked import CHANGE, LIST, agreed, asked, done, ids, kinds, points, six
from tests.web.client import Browser
from tests.web.profiles import undo
from tests.web.run_states import newest

pytestmark = pytest.mark.usefixtures("company")


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


@pytest.fixture
def company(domain: Domain, source: Source) -> None:
    six(domain, source)


def test_the_list_has_a_box_for_each_user_and_the_acts(client: Browser, domain: Domain) -> None:
    shown = client.page(LIST)
    boxes = [box for box in shown.all("input") if box.attributes.get("name") == "user"]
    assert [box.attributes["form"] for box in boxes] == ["users-form"] * 6
    assert sum("data-billable" in box.attributes for box in boxes) == 4
    acts = [button.attributes["value"] for button in shown.all("button") if button.attributes.get("name") == "act"]
    sales = domains.groups(domain.id)[1].id
    assert {"kind:shared", f"group:{sales}", "disable", "enable", "exempt", "sync", "delete"} <= set(acts)


def test_a_viewer_has_no_boxes_and_changes_nothing(viewer: Browser, domain: Domain) -> None:
    shown = viewer.page(LIST)
    assert not [box for box in shown.all("input") if box.attributes.get("type") == "checkbox"]
    users = ids(domain, "ada")
    assert viewer.get(CHANGE, query_string={"act": "delete", "user": users}).status_code == 403
    assert viewer.submit(CHANGE, act="delete", user=users).status_code == 403
    assert "ada" in listed(domain)


def test_it_is_said_in_numbers_what_will_happen(client: Browser, domain: Domain) -> None:
    shown = asked(client, "kind:shared", *ids(domain, "ada", "office", "grace", "gone"))
    assert "Make 3 users shared mailboxes?" in shown.text
    assert points(shown) == [
        "Billable mailboxes: 4 before, 2 after.",
        "One is of a user source: this kind stays through its next syncs.",
        "1 user stays as it is: already of this kind.",
        "Undo takes it back.",
    ]
    assert kinds(domain)["ada"] is Kind.MAILBOX


def test_users_change_in_one_run_that_one_undo_takes_back(client: Browser, domain: Domain) -> None:
    before = listed(domain)
    shown = done(client, asked(client, "kind:shared", *ids(domain, "ada", "bob", "office", "grace")))
    assert "Made 3 users shared mailboxes. 1 user stays as it is: already of this kind." in shown.text
    assert "Billable mailboxes: 4 before, 1 after." in shown.text
    after = listed(domain)
    assert [after[name].kind for name in ("ada", "bob", "office", "grace")] == [Kind.SHARED] * 4
    assert (after["grace"].by_hand, after["ada"].by_hand) == (frozenset({"kind"}), frozenset())
    run = newest()
    assert (run.kind, run.state, run.title) == (RunKind.MANUAL, RunState.SUCCEEDED, "Made 3 users shared mailboxes")
    assert (run.counts["updated"], run.counts["unchanged"], run.counts["read"]) == (3, 1, 4)
    assert "1 user Already of this kind." in client.page(f"/runs/{run.id}").text
    client.submit(undo(shown))
    work(newest(), NEVER)
    assert listed(domain) == before


def test_users_move_to_a_group(client: Browser, domain: Domain) -> None:
    sales = domains.groups(domain.id)[1]
    shown = asked(client, f"group:{sales.id}", *ids(domain, "ada", "grace"))
    assert "Move 2 users to Sales?" in shown.text
    done(client, shown)
    assert {name for name, user in listed(domain).items() if user.group_id == sales.id} == {"ada", "grace"}


def test_users_are_disabled_and_enabled(client: Browser, domain: Domain) -> None:
    users = ids(domain, "ada", "leaver", "gone")
    shown = asked(client, "disable", *users)
    assert points(shown)[:3] == [
        "Billable mailboxes: 4 before, 2 after.",
        "Mail to every address of theirs is rejected from then on.",
        "One is of a user source: disabled by hand stays disabled, whatever the source says.",
    ]
    done(client, shown)
    assert {listed(domain)[name].status for name in ("ada", "leaver", "gone")} == {Status.DISABLED}
    done(client, asked(client, "enable", *users))
    assert {listed(domain)[name].status for name in ("ada", "leaver", "gone")} == {Status.ACTIVE}


def test_users_are_exempted_from_sync_and_synced_again(client: Browser, domain: Domain) -> None:
    shown = asked(client, "exempt", *ids(domain, "ada", "grace", "leaver"))
    assert "Exempt 2 users from sync?" in shown.text
    assert "All of them are of a user source: from then on it neither changes nor removes them." in points(shown)
    done(client, shown)
    assert {name for name, user in listed(domain).items() if user.exempt} == {"grace", "leaver"}
    done(client, asked(client, "sync", matching="1"))
    assert not any(user.exempt for user in listed(domain).values())


def test_a_delete_says_that_a_source_brings_back_who_is_still_there(client: Browser, domain: Domain) -> None:
    shown = asked(client, "delete", *ids(domain, "ada", "grace"))
    assert points(shown) == [
        "Billable mailboxes: 4 before, 2 after.",
        "Mail to every address of theirs is rejected from then on.",
        "One is of a user source: its next sync adds again who is still there. To keep somebody away, disable instead.",
        "Undo takes it back.",
    ]
    done(client, shown)
    assert sorted(listed(domain)) == ["bob", "gone", "leaver", "office"]


def test_all_that_match_are_changed_on_whatever_page_they_are(client: Browser, domain: Domain) -> None:
    factories.many(domain, 120)
    assert "Select all 126 users" in client.page(LIST).text
    assert "Select all 122 that match" in client.page(f"{LIST}?kind=mailbox&status=active&origin=manual").text
    shown = asked(client, "kind:list", matching="1", kind="mailbox", status="active", origin="manual")
    assert "Make 122 users lists?" in shown.text
    back = done(client, shown)
    assert "Made 122 users lists." in back.text
    found = kinds(domain)
    assert sum(kind is Kind.LIST for kind in found.values()) == 122
    assert (found["grace"], found["gone"]) == (Kind.MAILBOX, Kind.MAILBOX)


def test_one_comes_back_to_the_list_as_it_was(client: Browser, domain: Domain) -> None:
    place = {"kind": "mailbox", "sort": "-name", "q": "a", "after": "1:x"}
    shown = asked(client, "disable", *ids(domain, "ada"), **place)
    back = f"{LIST}?q=a&kind=mailbox&sort=-name&after=1:x"
    assert back in shown.links()
    assert client.post(CHANGE, data=client._with_token(agreed(shown))).location == back


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda user: recipients.disable(user, None),
        lambda user: recipients.delete(user, None),
        lambda user: recipients.edit(
            user, None, first_name="Ada", last_name="", kind=user.kind, group_id=user.group_id
        ),
    ],
    ids=["disabled", "deleted", "renamed"],
)
def test_users_that_changed_since_one_looked_are_looked_at_again(
    client: Browser, domain: Domain, meanwhile: object
) -> None:
    shown = asked(client, "kind:shared", *ids(domain, "ada", "bob"))
    meanwhile(listed(domain)["ada"])  # type: ignore[operator]
    before = listed(domain)
    again = done(client, shown)
    assert "The list changed since you looked, so nothing was changed." in again.text
    assert agreed(again)["act"] == ["kind:shared"]
    assert listed(domain) == before
    done(client, again)
    assert kinds(domain)["bob"] is Kind.SHARED


def test_somebody_who_matches_only_since_one_looked_is_not_changed_unseen(client: Browser, domain: Domain) -> None:
    shown = asked(client, "delete", matching="1", kind="shared")
    recipients.add(domain, None, factories.address("sales"), kind=Kind.SHARED)
    again = done(client, shown)
    assert "Delete 2 users?" in again.text
    assert {"office", "sales"} <= set(listed(domain))


def test_a_change_of_others_does_not_matter(client: Browser, domain: Domain) -> None:
    shown = asked(client, "delete", *ids(domain, "ada"))
    recipients.disable(listed(domain)["bob"], None)
    assert "Deleted 1 user." in done(client, shown).text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"act": "delete"}, "Select the users first"),
        ({"act": "delete", "user": ["x", "-1", str(10**30)]}, "Select the users first"),
        ({"act": "delete", "user": "999"}, "Select the users first"),
        ({"act": "burn", "user": "1"}, "Choose what is to become of the users."),
        ({"user": "1"}, "Choose what is to become of the users."),
        ({"act": "group:999", "user": "1"}, "Choose what is to become of the users."),
        ({"act": "kind:mailbox", "user": "1"}, "all of them are like that already"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    client: Browser, domain: Domain, query: dict[str, object], said: str
) -> None:
    before = listed(domain)
    assert said in client._page(client.get(CHANGE, query_string=query, follow_redirects=True)).text
    assert said in client.act(CHANGE, **query).text  # type: ignore[arg-type]
    assert listed(domain) == before


def test_users_and_groups_of_another_domain_are_not_there(client: Browser, domain: Domain) -> None:
    other = factories.domain("other.example")
    [theirs] = factories.users(other, manual_user("eve@other.example"))
    group = domains.add_group(other, "Theirs").id
    shown = asked(client, "delete", theirs, *ids(domain, "ada"))
    assert "Delete 1 user?" in shown.text
    assert "One is not on the list any more." in points(shown)
    done(client, asked(client, "delete", theirs, *ids(domain, "ada")))
    assert [user.address for user in roster.of_domain(other.id)] == ["eve@other.example"]
    refused = client.get(CHANGE, query_string={"act": f"group:{group}", "user": theirs}, follow_redirects=True)
    assert "Choose what is to become of the users." in refused.text
