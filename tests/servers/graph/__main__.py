"""Run a stand-in until it is asked to end: `python -m tests.servers.graph FOLDER --secret-file FILE [--port P]`.

It says where it is in one line of JSON, and then serves.
"""

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.servers.graph.server import GraphStandIn
from tests.servers.graph.tenant import FAR, READS, App, many
from tests.servers.pki import Pki


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.graph", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the certificates")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--domain", default="contoso.example")
    parser.add_argument("--secret-file", type=Path, required=True, help="holds the client secret of the app")
    parser.add_argument("--redirect", action="append", default=[], help="where people are sent back to")
    parser.add_argument("--page-delay", type=float, default=0.0, help="seconds before each page")
    parser.add_argument("--permission", action="append", help="granted; without any all of use are")
    options = parser.parse_args()
    tenant = many(options.users, options.domain, options.groups)
    secret = options.secret_file.read_text().strip()
    app = tenant.register(
        App(secrets={secret: FAR}, roles=tuple(options.permission or READS), redirect_uris=tuple(options.redirect))
    )
    pki = Pki(options.folder)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with GraphStandIn.start(pki, tenant, port=options.port) as server:
        server.page_delay = options.page_delay
        said = {"url": server.url, "tenant": tenant.id, "client_id": app.client_id, "ca_file": str(pki.ca_file)}
        print(json.dumps(said), flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
