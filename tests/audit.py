"""Look for known weaknesses in the packages that run: python -m tests.audit

A machine that cannot ask the database of weaknesses is told so, loudly, and nothing fails for it.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.txt"
# What may stay in spite of a weakness: its name, and why. There is none now.
ACCEPTED: dict[str, str] = {}
SECONDS = 120
OPTIONS = ("--disable-pip", "--require-hashes", "--timeout", "5", "--format", "json", "--progress-spinner", "off")


def main(program: Sequence[str] = ()) -> int:
    """1 if a package has a known weakness. `program` stands in for pip-audit."""
    command = program or [str(Path(sys.executable).with_name("pip-audit"))]
    try:
        done = subprocess.run(
            [*command, "-r", str(LOCK), *OPTIONS], capture_output=True, text=True, timeout=SECONDS, check=False
        )
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
        print("NOT AUDITED: the database of weaknesses cannot be asked from here, so nothing is known of any package.")
        return 0
    skipped = [item["name"] for item in told if "skip_reason" in item]
    if skipped:
        print(f"NOT AUDITED: {len(skipped)} of {len(told)} packages, which the database did not tell about here.")
    found = [
        (item["name"], item["version"], weakness["id"], ", ".join(weakness.get("fix_versions") or ["no version yet"]))
        for item in told
        for weakness in item.get("vulns", ())
        if weakness["id"] not in ACCEPTED
    ]
    for name, version, weakness_id, mended in found:
        print(f"{name} {version}: {weakness_id}, mended in {mended}")
    print(f"{len(told) - len(skipped)} packages looked at, {len(found)} known weaknesses.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
