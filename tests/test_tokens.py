"""Secrets in Redis: sealed, for a while, and once."""

from flask import Flask
from redis import Redis

from console import tokens
from console.secrets import Sealer, new_key
from tests.servers.ports import free_port

SECRET = "eyJhbGciOi.token.of-the-source"


def everything(redis: Redis) -> str:
    return " ".join(f"{key!r} {redis.get(key)!r}" for key in redis.scan_iter())


def test_the_tokens_of_a_source_are_sealed_and_expire(app: Flask, redis: Redis) -> None:
    sealer = app.extensions["sealer"]
    kept = tokens.SealedTokens(redis, sealer, 7)
    assert kept.load() == ""
    kept.save(SECRET)
    assert kept.load() == SECRET
    assert SECRET not in everything(redis)
    assert 0 < redis.ttl("office365:tokens:7") <= 24 * 3600
    assert tokens.SealedTokens(redis, sealer, 8).load() == ""
    tokens.forget(redis, 7)
    assert kept.load() == ""


def test_without_the_key_or_without_redis_there_are_none(app: Flask, redis: Redis) -> None:
    tokens.SealedTokens(redis, app.extensions["sealer"], 7).save(SECRET)
    assert tokens.SealedTokens(redis, Sealer((new_key(),)), 7).load() == ""
    away = Redis(port=free_port())
    kept = tokens.SealedTokens(away, app.extensions["sealer"], 7)
    kept.save(SECRET)
    assert kept.load() == ""
    tokens.forget(away, 7)


def test_what_is_left_is_taken_once_by_who_knows_its_name(app: Flask, redis: Redis) -> None:
    sealer = app.extensions["sealer"]
    name = tokens.leave(redis, sealer, "code", {"code": SECRET}, seconds=60)
    assert SECRET not in everything(redis)
    assert tokens.take(redis, sealer, "outcome", name) is None, "it is something else"
    for guess in ("", "x", name[:-1], name + "x"):
        assert tokens.take(redis, sealer, "code", guess) is None
    assert tokens.take(redis, sealer, "code", name) == {"code": SECRET}
    assert tokens.take(redis, sealer, "code", name) is None
    assert everything(redis) == ""
