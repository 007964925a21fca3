"""What a WSGI server and the flask command load."""

import sys

from console import create_app
from console.settings import Settings, SettingsError

try:
    app = create_app(Settings.from_env())
except SettingsError as error:
    sys.exit(f"Error: {error}")
