"""Check that both locks satisfy pyproject.toml, carry hashes and name no package source."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def locked(path: Path) -> dict[str, set[str]]:
    """Versions by package name in the lock at *path*."""
    text = path.read_text("utf-8")
    if re.search(r"https?://|--(extra-)?index-url|--find-links", text):
        sys.exit(f"{path.name} names a package source")
    found: dict[str, set[str]] = {}
    for entry in re.split(r"\n(?=\S)", text):
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry):
            if "--hash=sha256:" not in entry:
                sys.exit(f"{path.name}: {match[1]} has no hash")
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


def main() -> None:
    """Compare every declared requirement with the locks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = [Requirement(text) for text in project["project"]["dependencies"]]
    development = [Requirement(text) for text in project["dependency-groups"]["dev"]]
    for name, wanted in (("requirements.lock", runtime), ("requirements-dev.lock", runtime + development)):
        have = locked(ROOT / name)
        for requirement in wanted:
            versions = have.get(canonicalize_name(requirement.name))
            if not versions or not all(requirement.specifier.contains(each) for each in versions):
                sys.exit(f"{name} does not satisfy {requirement}; it has {versions}")
        print(f"{name}: {len(have)} packages, all declared requirements satisfied")


if __name__ == "__main__":
    main()
