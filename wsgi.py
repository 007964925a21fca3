"""What a WSGI server and the flask command load."""

import sys

from console import create_app, logs, sentry
from console.settings import Settings, SettingsError

try:
    settings = Settings.from_env()
except SettingsError as error:
    sys.exit(f"Error: {error}")

if settings.log_format == "json":
    logs.start(settings.log_format)
sentry.start(settings)
app = create_app(settings)
