"""Help: one text for each kind of page, shown beside that page or on its own, and what the words mean."""

import html
import re
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from console.web import glossary, help_topics
from console.web.help_topics import Topic
from console.web.shell import Crumb

pages = Blueprint("help", __name__)
LONGEST = 100
_TAG = re.compile(r"<[^>]*>")


@pages.app_context_processor
def beside() -> dict[str, Any]:
    """The help of the page that is shown."""
    return {"help_topic": help_topics.of_page(request.endpoint)}


@pages.get("/help")
def index() -> str:
    """All of it, or what has every word that is looked for."""
    q = request.args.get("q", "").strip()[:LONGEST]
    wanted = q.casefold().split()
    return render_template(
        "help/index.html",
        q=q,
        topics=[topic for topic in help_topics.TOPICS if not wanted or _has(_text(topic), wanted)],
        terms=[term for term in glossary.TERMS if _has(f"{term.word} {term.meaning}", wanted)],
        crumbs=_crumbs(),
    )


@pages.get("/help/<topic>")
def show(topic: str) -> str:
    found = help_topics.of_key(topic)
    if found is None:
        abort(404)
    terms = glossary.terms(found.words)
    return render_template("help/show.html", topic=found, terms=terms, crumbs=_crumbs(found))


def _crumbs(topic: Topic | None = None) -> list[Crumb]:
    if topic is None:
        return [{"label": "Help"}]
    return [{"label": "Help", "href": url_for("help.index")}, {"label": topic.title}]


def _text(topic: Topic) -> str:
    """What a reader sees of it."""
    told = html.unescape(_TAG.sub("", render_template(topic.template)))
    return " ".join(f"{topic.title} {topic.answers} {told}".split())


def _has(text: str, wanted: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in wanted)
