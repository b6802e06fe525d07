"""Tries a template of somebody else's in a process of its own: what takes too much time or memory ends there, and nothing else with it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from documents.errors import TemplateFault

if TYPE_CHECKING:
    from documents.kinds.kind import Template

CPU_SECONDS, WALL_SECONDS = 30, 240  # a busy machine takes its time
MORE_BYTES = 1536 * 1024 * 1024  # beside what the libraries take
REFUSED = 3
ADVICE = "look for loops in loops and very long texts."


def try_template(template: Template, content: bytes) -> None:
    """Nothing; TemplateFault where the template cannot be filled with the sample, or not within the limits."""
    seconds, too_much = (
        CPU_SECONDS,
        f"It takes more than {CPU_SECONDS} seconds or {MORE_BYTES // 1024**2:,} MB to fill: {ADVICE}",
    )
    where = f"{template.render.__module__}:{template.render.__qualname__}"
    command = [sys.executable, "-m", "documents.trial", where, str(template.sample), str(seconds)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, check=False, timeout=WALL_SECONDS, cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise TemplateFault(too_much) from error
    if done.returncode == REFUSED:
        raise TemplateFault(done.stdout.decode(errors="replace").strip())
    if done.returncode:
        raise TemplateFault(too_much)


def main() -> None:
    """In the process of its own: fills the template on standard input with the sample named."""
    import django

    django.setup()
    module, _, function = sys.argv[1].partition(":")
    render = getattr(import_module(module), function)
    sample = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    content = sys.stdin.buffer.read()
    _limit(int(sys.argv[3]))
    try:
        render(sample, content)
    except TemplateFault as fault:
        sys.stdout.write(str(fault))
        sys.exit(REFUSED)


def _limit(seconds: int) -> None:
    held = (
        int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        if Path("/proc/self/statm").exists()
        else 0
    )
    if held:
        resource.setrlimit(resource.RLIMIT_AS, (held + MORE_BYTES, held + MORE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
