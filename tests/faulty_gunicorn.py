"""Configuration for gunicorn whose application has a fault in its sign-in page."""

from typing import Any


def post_worker_init(worker: Any) -> None:
    from wsgi import app

    def fault() -> str:
        password = "a variable's secret"
        raise RuntimeError(f"a fault of {len(password)} letters")

    app.view_functions["login.show"] = fault
