"""A stand-in for Microsoft's sign-in and for Microsoft Graph.

HTTPS with a certificate of our own authority, tokens that are signed and checked, users and groups in pages, changes
since a token, batches, admin consent and the sign-in of people.

In the tests it runs on a thread (`GraphStandIn.start`), for the demo as `python -m tests.servers.graph`.
"""

from tests.servers.graph.script import Misbehaviour, Refusal, Script
from tests.servers.graph.server import GraphStandIn
from tests.servers.graph.tenant import App, Tenant

__all__ = ["App", "GraphStandIn", "Misbehaviour", "Refusal", "Script", "Tenant"]
