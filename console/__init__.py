"""The console: rules, tables, store, pages and commands of the recipient list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.headers import Headers

    from flask import Flask
    from redis import Redis

    from console.settings import Settings

__version__ = "0.1.0"
YEAR = 365 * 24 * 3600


def create_app(settings: Settings) -> Flask:
    """The application, wired: the one place where its parts are put together. Opens no connection.

    The imports are in here because whoever imports console.core imports this module too, and a pure rule should not
    bring the web with it.
    """
    from flask import Flask
    from flask_migrate import Migrate
    from werkzeug.middleware.proxy_fix import ProxyFix
    from whitenoise import WhiteNoise

    from console import cli, web
    from console.compression import Compression
    from console.models import db
    from console.secrets import Sealer

    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": True,
            "pool_size": 10,
            "max_overflow": 20,
            "hide_parameters": True,  # They are people's addresses, and errors are logged.
        },
        # By its prefix a browser takes it from this host alone, over HTTPS.
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=settings.session_hours * 3600,
        MAX_CONTENT_LENGTH=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure,
        STREAM_HEARTBEAT=5.0,
        STREAM_LIFE=50.0,
        REPORT_SECONDS=2.0,
    )
    app.extensions["settings"] = settings
    app.extensions["sealer"] = Sealer(settings.sealing_keys)
    app.extensions["redis"] = connect(settings.redis_url)
    app.extensions["soon"] = connect(settings.redis_url, patience=0.5)
    db.init_app(app)
    Migrate(app, db)
    web.register(app, __version__)
    cli.register(app)
    # Every link to a static file carries the hash of its content, so browsers may keep it.
    served = WhiteNoise(
        app.wsgi_app,
        root=app.static_folder,
        prefix="static/",
        max_age=YEAR,
        allow_all_origins=False,
        add_headers_function=_static_headers(settings),
    )
    app.wsgi_app = Compression(served, f"{app.static_url_path}/")  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _static_headers(settings: Settings) -> Callable[[Headers, str, str], None]:
    from console.web import wire

    names = ("Content-Security-Policy", "X-Content-Type-Options", "Cross-Origin-Resource-Policy")
    fixed = [(name, wire.ALWAYS[name]) for name in names]
    if hsts := wire.strict_transport(settings):
        fixed.append(("Strict-Transport-Security", hsts))

    def add(headers: Headers, *_: str) -> None:
        for name, value in fixed:
            headers.add_header(name, value)

    return add


def connect(redis_url: str, *, patience: float | None = None) -> Redis:
    """A Redis client that gives up soon. Heroku's Redis has a certificate of its own, which nobody can check.

    With `patience` it waits no longer than that for anything, and never tries twice.
    """
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    unchecked = {"ssl_cert_reqs": None} if redis_url.startswith("rediss://") else {}
    if patience is not None:
        once = {"socket_connect_timeout": patience, "socket_timeout": patience, "retry": Retry(NoBackoff(), 0)}
        return Redis.from_url(redis_url, **once, **unchecked)
    return Redis.from_url(redis_url, socket_connect_timeout=3, health_check_interval=30, **unchecked)
