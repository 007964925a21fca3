"""Make a virtual environment with everything that a lock file names.

python3.11 -m tests.setup .venv requirements-dev.txt

It runs before anything is installed, so it needs the standard library alone.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers.apt import MissingPackagesError, ensure

# What there has to be: a Python that starts, and pip in it. A system's upgrade may have taken the first away.
SOUND = "import pip, sys; sys.exit(sys.version_info < (3, 11))"


def main(arguments: Sequence[str]) -> int:
    """Make the environment or bring it up to date; 1 if that failed, with a sentence that says why."""
    folder, lock = Path(arguments[0]), Path(arguments[1])
    python = folder / "bin" / "python"
    try:
        if not _sound(python):
            _make(folder)
        print(f"Installing what {lock} names into {folder} ...", flush=True)
        _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(lock)])
    except MissingPackagesError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} failed; see above.", file=sys.stderr)
        return 1
    return 0


def _sound(python: Path) -> bool:
    return python.exists() and subprocess.run([python, "-c", SOUND], capture_output=True, check=False).returncode == 0


def _make(folder: Path) -> None:
    """A new environment. Debian has what puts pip into one in a package of its own, one for each version of Python."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        ensure({package: package})
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
