"""Asks the package index what is known against the packages of the lock, and says what it was told.

Fails where something is known that a newer version mends. Where the index does not answer, or tells nothing of a package, it says
so in a sentence and fails only with ATLASNEXUS_AUDIT=required: no build breaks because a service of others is away.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 180


def main() -> int:
    environment, lock = ROOT / sys.argv[1], ROOT / "requirements.txt"
    report = asked(environment, lock)
    is_required = os.environ.get("ATLASNEXUS_AUDIT") == "required"
    if report is None:
        print("The packages were not looked up: the package index or the auditor is not reachable from here.")
        return int(is_required)
    code, sentences = verdict(report)
    print("\n".join(sentences))
    return code or int(is_required and untold(report) > 0)


def asked(environment: Path, lock: Path) -> dict[str, Any] | None:
    """The auditor's report on the lock; None where it cannot be had."""
    python = environment / "bin" / "python"
    wanted = ROOT / "requirements-audit.txt"
    ask = [str(environment / "bin" / "pip-audit"), "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=SECONDS)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", str(wanted)]
        subprocess.run(install, check=True, timeout=SECONDS, stderr=subprocess.DEVNULL)
        done = subprocess.run(
            [*ask, "--format", "json", "--requirement", str(lock)],
            check=False, timeout=SECONDS, capture_output=True, text=True,
        )  # fmt: skip
        report: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return report


def untold(report: dict[str, Any]) -> int:
    """Of how many packages the index told nothing."""
    return sum("skip_reason" in each for each in report["dependencies"])


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """1 where a known hole is mended by a newer version, else 0; and what was found, in sentences."""
    code, found = 0, []
    for each in report["dependencies"]:
        for hole in each.get("vulns", ()):
            mended = ", ".join(hole["fix_versions"])
            code = code or int(bool(mended))
            found.append(
                f"{each['name']} {each['version']}: {hole['id']}, {f'mended in {mended}' if mended else 'not mended yet'}."
            )
    count, silent = len(report["dependencies"]), untold(report)
    found.append(f"Looked up {count - silent} of {count} packages: {len(found) or 'nothing'} known against them.")
    if silent:
        found.append(f"Of {silent} the index told nothing, so nothing is known of them from here.")
    return code, found


if __name__ == "__main__":
    sys.exit(main())
