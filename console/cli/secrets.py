"""flask secrets: keys that seal what is secret, and changing them."""

from dataclasses import asdict

import click
from flask import current_app
from redis import RedisError

from console import tokens
from console.cli.output import Exit, Noun, json_option, note, print_json, say
from console.core.errors import RefusedError
from console.secrets import Sealer, new_key
from console.settings import Settings
from console.store import seals
from console.store.seals import Looked, Rotated

commands = Noun("secrets", help="Keys that seal stored passwords.")

WORDS = {"sources": "Passwords and secrets of sources", "apps": "Apps of two-step sign-in"}
UNOPENED = "Error: {}: no key of SEALING_KEYS opens it. Enter it again, or put back the key that sealed it."
DONE = "Everything is sealed with the first of SEALING_KEYS."
REMOVE = "The other keys may be removed from SEALING_KEYS, once every process runs with the present first key."
AGAIN = "Not everything is sealed with the first of SEALING_KEYS: keep the others, and run flask secrets rotate."
REDIS_AWAY = "Redis does not answer, so what it holds for a day at most is not sealed anew. Run this again."


@commands.command("new-key")
def make_key() -> None:
    """Print a fresh key for SEALING_KEYS.

    To change keys, put the new one in front of the present ones, separated by a comma: the first seals, all open. Then
    restart every process, and run flask secrets rotate.
    """
    click.echo(new_key())


@commands.command("rotate")
@json_option
@click.pass_context
def rotate(ctx: click.Context, as_json: bool) -> None:
    """Seal everything anew with the first of SEALING_KEYS.

    It may run while everything else does, and be run again. What no key opens is named, and the rest is done: the exit
    status is 1 then. It goes on record in Activity.
    """
    found = seals.rotate_all(_sealer())
    try:
        in_redis = tokens.reseal(current_app.extensions["redis"], _sealer())
    except RedisError:
        raise RefusedError(REDIS_AWAY) from None
    left = {place.name: seals.look(place, _sealer()) for place in seals.PLACES}
    if as_json:
        print_json({**{name: asdict(item) for name, item in found.items()}, "redis": in_redis, "done": _done(left)})
    else:
        for name, item in found.items():
            say(f"{WORDS[name]}: {_rotated(item)}.")
        say(f"Held in Redis for a while: {in_redis} sealed anew.")
    _end(ctx, left, as_json)


@commands.command("check")
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Say whether everything is sealed with the first of SEALING_KEYS. Changes nothing; exit status 1 if not."""
    found = {place.name: seals.look(place, _sealer()) for place in seals.PLACES}
    if as_json:
        print_json({**{name: asdict(item) for name, item in found.items()}, "done": _done(found)})
    else:
        for name, item in found.items():
            say(f"{WORDS[name]}: {item.current} sealed with the first key, {item.older} with another.")
    _end(ctx, found, as_json)


def _rotated(item: Rotated) -> str:
    changed = f", {item.changed} changed by somebody meanwhile" if item.changed else ""
    return f"{item.resealed} sealed anew, {item.current} were already{changed}"


def _done(found: dict[str, Looked]) -> bool:
    return not any(item.older or item.unopened for item in found.values())


def _end(ctx: click.Context, found: dict[str, Looked], as_json: bool) -> None:
    """Say what is left to do, and by the exit status that there is something."""
    for item in found.values():
        for name in item.unopened:
            note(UNOPENED.format(name))
    older = any(item.older for item in found.values())
    if not as_json:
        settings: Settings = current_app.extensions["settings"]
        say(AGAIN if older else DONE if _done(found) else "What opens is sealed with the first of SEALING_KEYS.")
        if not older and len(settings.sealing_keys) > 1:
            say(REMOVE)
    if not _done(found):
        ctx.exit(Exit.FAILED)


def _sealer() -> Sealer:
    sealer: Sealer = current_app.extensions["sealer"]
    return sealer
