#!/usr/bin/env python3
"""Makes .venv what the lock says, then becomes the command given: bootstrap.py [--dev] [COMMAND ...].

Runs on any Python 3, to tell an old one so: no newer syntax here.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, os.environ.get("VENV") or ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
LOCKS = ("requirements-dev.txt", "requirements.txt")  # the first contains the second
KNOWN = ("python3.13", "python3.12", "python3.11")


def refuse(sentence):
    sys.stderr.write(sentence + "\n")
    sys.exit(2)


def newer_python():
    """Another Python of this machine that is new enough, where this one is not."""
    for name in KNOWN:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def check_python():
    if sys.version_info >= OLDEST:
        return
    path = newer_python()
    if path:
        os.execv(path, [path] + sys.argv)
    refuse(
        "Atlas Nexus needs Python 3.11 or newer; this is %d.%d and no newer one is on the path."
        % (sys.version_info[0], sys.version_info[1])
    )


def has_venv():
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def make_venv(uv):
    if os.path.exists(PYTHON) and subprocess.call([PYTHON, "-c", ""], stderr=subprocess.DEVNULL) == 0:
        return
    if uv:
        command = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV]
    elif has_venv():
        command = [sys.executable, "-m", "venv", "--clear", VENV]
    else:
        refuse(
            "Python's venv module is missing. On Debian and Ubuntu: sudo apt install python3-venv. "
            "Or install uv (https://docs.astral.sh/uv/)."
        )
    if subprocess.call(command):
        refuse("The virtual environment could not be made in %s; the reason is above." % VENV)


def install(uv, lock):
    wanted = fingerprint(lock)
    if installed(lock) == wanted:
        return
    print("Installing %s into %s ..." % (lock, os.path.relpath(VENV)))
    sys.stdout.flush()
    if not ((uv and run_uv(uv, lock)) or run_pip(lock)):
        refuse("The packages of %s could not be installed; the reason is above." % lock)
    for name in LOCKS[LOCKS.index(lock) :]:
        with open(marker(name), "w") as file:
            file.write(fingerprint(name))


def fingerprint(lock):
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def installed(lock):
    """The fingerprint of what was installed last; a lock is installed with one that contains it."""
    if not os.path.exists(marker(lock)):
        return None
    with open(marker(lock)) as file:
        return file.read()


def marker(lock):
    return os.path.join(VENV, "installed-" + lock)


def run_uv(uv, lock):
    options = ["--quiet", "--only-binary", ":all:", "--python", PYTHON, "-r", lock]
    return subprocess.call([uv, "pip", "install"] + options, cwd=ROOT) == 0


def run_pip(lock):
    if subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL):
        return False
    options = ["-qq", "--disable-pip-version-check", "--only-binary", ":all:", "-r", lock]
    return subprocess.call([PYTHON, "-m", "pip", "install"] + options, cwd=ROOT) == 0


def main():
    check_python()
    arguments = sys.argv[1:]
    wants_dev = arguments[:1] == ["--dev"]
    uv = shutil.which("uv")
    make_venv(uv)
    install(uv, "requirements-dev.txt" if wants_dev else "requirements.txt")
    command = arguments[1:] if wants_dev else arguments
    if command:
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execv(PYTHON, [PYTHON] + command)


main()
