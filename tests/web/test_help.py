"""Each page has its own help, in our words, and all of it can be found."""

import re
from pathlib import Path

import pytest
from flask import Flask, url_for

from console.models import Domain
from console.web import glossary, help_topics, shell
from console.web.help_topics import TOPICS
from tests.web.client import Browser
from tests.web.markup import Page
from tests.web.route_table import ANYONE

TEXTS = Path(shell.__file__).parent.parent / "templates" / "help"


def links_to_help(shown: Page) -> list[str]:
    return [
        part.attributes["href"] for part in shown.all("a") if "help-link" in part.attributes.get("class", "").split()
    ]


def test_every_page_with_a_menu_entry_has_its_help(app: Flask, client: Browser, domain: Domain) -> None:
    with app.test_request_context():
        menu = [item["href"] for crumb in shell.domain_crumbs(domain) for item in crumb.get("menu", ())]
        top = [url_for(endpoint) for endpoint in ("domains.index", "account.show", "accounts.index")]
    found = {path: links_to_help(client.page(path)) for path in [*menu, *top]}
    assert {path: len(links) for path, links in found.items()} == dict.fromkeys(found, 1)
    # Each leads to a text of its own.
    assert len({link for links in found.values() for link in links}) == len(found)


def test_every_page_that_one_signs_in_for_has_one(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    signed_in = pages - {name.removeprefix("GET ") for name in ANYONE}
    without = {endpoint for endpoint in signed_in if help_topics.of_page(endpoint) is None}
    parts = {"switch.menu"}
    assert without - parts - {"static", "domains.home", "metrics.show", "help.index", "help.show"} == set()


def test_every_text_belongs_to_a_topic_and_the_other_way_round() -> None:
    pages = {"index", "show"}
    assert {file.stem for file in TEXTS.glob("*.html")} - pages == {topic.key for topic in TOPICS}


def test_every_topic_and_every_word_is_reached_from_one_page(client: Browser) -> None:
    shown = client.page("/help")
    assert {f"/help/{topic.key}" for topic in TOPICS} <= set(shown.links())
    for term in glossary.TERMS:
        assert term.meaning in shown.one(term.anchor).text
        assert f"#{term.anchor}" in shown.links()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)
def test_a_topic_says_what_to_do_and_what_its_words_mean(client: Browser, topic: help_topics.Topic) -> None:
    shown = client.page(f"/help/{topic.key}")
    assert topic.title in shown.text
    for term in glossary.terms(topic.words):
        assert f"{term.word}{term.meaning}" in shown.text.replace(f"{term.word} ", term.word)
    assert "/help" in shown.links()


def test_every_word_is_explained_beside_some_page() -> None:
    told = {key for topic in TOPICS for key in topic.words}
    assert {term.key for term in glossary.TERMS} - told <= {"recipient", "directory", "disabled"}


def test_every_page_leads_to_all_of_it(client: Browser, anonymous: Browser) -> None:
    assert "/help" in client.page("/domains").links()
    assert "/help" not in anonymous.page("/login").links()


def test_the_help_is_searched_in_titles_texts_and_words(client: Browser) -> None:
    found = client.page("/help?q=PLUS+tag")
    assert "/help/settings" in found.links()
    assert "/help/groups" not in found.links()
    assert "#word-plus-tag" in found.links()
    assert client.page("/help?q=plus+tag").one("help-q").attributes["value"] == "plus tag"


def test_what_nobody_wrote_about_is_not_found(client: Browser) -> None:
    assert "Nothing in the help has these words" in client.page("/help?q=unicorn").text


def test_an_unknown_topic_is_not_there(client: Browser) -> None:
    assert client.get("/help/unicorn").status_code == 404
    # Nor is the page around the topics one of them.
    assert client.get("/help/show").status_code == 404


def test_texts_have_no_words_of_administrators() -> None:
    jargon = re.compile(r"\b(bind|schema|payload|endpoint|upsert|TLS|RCPT|MTA|DKIM|objectGUID|OAuth)\b")
    said = {file.name: jargon.findall(file.read_text()) for file in TEXTS.glob("*.html")}
    assert {name: words for name, words in said.items() if words} == {}
    assert [term.word for term in glossary.TERMS if jargon.search(term.meaning)] == []
