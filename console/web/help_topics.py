"""The pages that have a help of their own. Its text is templates/help/<key>.html, and stands there alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """The help of some pages, named by their endpoints or, with a dot and a star, by a whole blueprint.

    `answers` is the question it answers; `words` are those that it explains, keys of the glossary.
    """

    key: str
    title: str
    answers: str
    pages: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        return f"help/{self.key}.html"


TOPICS = (
    Topic(
        "domains",
        "Domains",
        "Where do I begin, and is any domain in trouble?",
        ("domains.index",),
        ("domain", "alias-domain", "user", "billable", "perimeter", "rejected"),
    ),
    Topic(
        "new-domain",
        "Adding a domain",
        "What is a domain, and what is an alias domain?",
        ("domains.new", "domains.create"),
        ("domain", "alias-domain", "perimeter", "mode"),
    ),
    Topic(
        "ways",
        "Ways to fill the list",
        "How does Rollcall learn who exists?",
        ("ways.*",),
        ("source", "directory", "sync", "csv", "discovery"),
    ),
    Topic(
        "overview",
        "Overview of a domain",
        "Is all well, and what waits for me?",
        ("overview.*",),
        ("run", "approve", "conflict", "billable", "perimeter", "mode"),
    ),
    Topic(
        "users",
        "Users",
        "Who gets mail here?",
        ("users.*", "exports.*", "bulk.*", "billable.*"),
        ("user", "alias", "kind", "billable", "status", "grace", "origin", "group", "rejected"),
    ),
    Topic(
        "add-user",
        "Add User",
        "How do I add somebody by hand?",
        ("add_user.*", "add_several.*"),
        ("address", "alias", "kind", "billable", "shared", "resource", "list"),
    ),
    Topic(
        "user",
        "A user’s profile",
        "Which addresses has a user, and why is mail accepted or not?",
        ("profile.*",),
        ("address", "alias", "origin", "status", "kind", "exempt", "plus-tag"),
    ),
    Topic("groups", "Groups", "How do I put users in order?", ("groups.*",), ("group", "source")),
    Topic(
        "user-sync",
        "User Sync",
        "How does the list follow our directory by itself?",
        ("sources.index", "sources.choose"),
        ("source", "directory", "sync", "preview", "guard", "missing", "grace"),
    ),
    Topic(
        "source",
        "A user source",
        "How is a directory set up, tested and read?",
        ("sources.*", "connect.*"),
        ("source", "ldap", "user-dn", "search-base", "tenant", "preview", "sync"),
    ),
    Topic(
        "conflicts",
        "Conflicts",
        "Two sides claim one address: who is right?",
        ("conflicts.*",),
        ("conflict", "origin", "source"),
    ),
    Topic(
        "run",
        "A run",
        "What happens now, what was done, and how do I take it back?",
        ("runs.*",),
        ("run", "approve", "guard", "skipped", "conflict", "missing", "undo"),
    ),
    Topic("import", "Import", "How do I take in a file of users?", ("imports.*",), ("csv", "skipped", "kind", "undo")),
    Topic(
        "discovery",
        "Address Discovery",
        "How are addresses found that nobody has told us?",
        ("discovery.*", "sightings.*"),
        ("discovery", "sighting", "mail-server", "billable", "mx"),
    ),
    Topic(
        "inbound-smtp",
        "Inbound SMTP",
        "Where does our mail go on to, and does that server know who exists?",
        ("smtp.*", "acceptance.*"),
        ("mail-server", "smtp", "perimeter", "discovery"),
    ),
    Topic(
        "rejected",
        "Rejected recipients",
        "Which addresses does mail come for that nobody has?",
        ("rejections.*",),
        ("rejected", "perimeter", "mode", "alias"),
    ),
    Topic("activity", "Activity", "What changed, when, and by whom?", ("activity.*",), ("run", "undo", "origin")),
    Topic(
        "settings",
        "Settings of a domain",
        "What counts as an address, and what happens to mail for others?",
        ("domains.*", "perimeter.*"),
        ("alias-domain", "plus-tag", "perimeter", "mode", "rejected"),
    ),
    Topic(
        "account",
        "Your account",
        "How do I sign in safely, and change my password?",
        ("account.*", "sessions.*", "two_steps.*", "passkeys.*"),
        ("two-steps", "recovery-code", "passkey", "role"),
    ),
    Topic(
        "accounts",
        "Accounts",
        "Who may sign in here, and do what?",
        ("accounts.*", "invitations.*"),
        ("role", "domain"),
    ),
    Topic("search", "Search", "How do I find somebody in all domains?", ("search.*",), ("user", "alias", "domain")),
)


def of_page(endpoint: str | None) -> Topic | None:
    """The help of a page: that which names it, or else that of its kind."""
    if endpoint is None:
        return None
    kind = f"{endpoint.partition('.')[0]}.*"
    named = (topic for wanted in (endpoint, kind) for topic in TOPICS if wanted in topic.pages)
    return next(named, None)


def of_key(key: str) -> Topic | None:
    return next((topic for topic in TOPICS if topic.key == key), None)
