"""What a WSGI server and the flask command load."""

from console import create_app
from console.settings import Settings

app = create_app(Settings.from_env())
