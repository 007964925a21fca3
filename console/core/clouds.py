"""Microsoft's clouds: where each signs apps in, and where its directory is read. The form and the source read it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cloud:
    """`label` is for people, `login` and `graph` are the two hosts."""

    label: str
    login: str
    graph: str

    @property
    def authority(self) -> str:
        return f"https://{self.login}"

    @property
    def graph_url(self) -> str:
        return f"https://{self.graph}"


WORLDWIDE = "global"

# From Microsoft’s list of national cloud deployments. A tenant belongs to exactly one.
CLOUDS: Mapping[str, Cloud] = {
    WORLDWIDE: Cloud("Worldwide", "login.microsoftonline.com", "graph.microsoft.com"),
    "us": Cloud("US Government (GCC High)", "login.microsoftonline.us", "graph.microsoft.us"),
    "us-dod": Cloud("US Government (DoD)", "login.microsoftonline.us", "dod-graph.microsoft.us"),
    "china": Cloud("China (21Vianet)", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),
}
