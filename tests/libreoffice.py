"""LibreOffice, to recalculate what the platform writes: another program's reading of every formula."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

MISSING = "No LibreOffice: install it (Debian and Ubuntu: sudo apt install libreoffice-calc-nogui). Formulas were not recalculated."
# The program would show stored values otherwise.
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>"""
XLSX = "xlsx:Calc MS Excel 2007 XML"


def find() -> str | None:
    """The program's path, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def recalculate(workbooks: Sequence[Path], folder: Path) -> Path:
    """The folder, inside `folder`, of each workbook opened, worked out anew and saved by the program itself."""
    profile, out = folder / "profile", folder / "out"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE)
    command = [
        find() or "soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
        "--convert-to", XLSX, "--outdir", str(out), *(str(path) for path in workbooks),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "HOME": str(folder)}
    )
    assert done.returncode == 0, done.stderr
    return out


def recalculated(source: Path, changes: Mapping[str, float | str | None], folder: Path) -> openpyxl.Workbook:
    """The workbook with named cells changed and every formula computed anew; stored values are dropped before."""
    book = openpyxl.load_workbook(source)
    for name, value in changes.items():
        sheet, cell = book.defined_names[name].attr_text.split("!")
        book[sheet][cell.replace("$", "")].value = value
    changed = folder / f"changed-{source.name}"
    book.save(changed)  # openpyxl keeps formulas without their values
    return openpyxl.load_workbook(recalculate([changed], folder) / changed.name, data_only=True)
