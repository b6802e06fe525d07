"""LibreOffice, to recalculate what the platform writes: another program's reading of every formula."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import openpyxl

MISSING = "No LibreOffice: install it (Debian and Ubuntu: sudo apt install libreoffice-calc-nogui). Formulas were not recalculated."
XLSX = "xlsx:Calc MS Excel 2007 XML"


def find() -> str | None:
    """The program's path, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def recalculated(source: Path, changes: Mapping[str, float | str | None], folder: Path) -> openpyxl.Workbook:
    """The workbook with named cells changed and every formula computed anew; stored values are dropped before."""
    book = openpyxl.load_workbook(source)
    for name, value in changes.items():
        sheet, cell = book.defined_names[name].attr_text.split("!")
        book[sheet][cell.replace("$", "")].value = value
    changed = folder / f"changed-{source.name}"
    book.save(changed)  # openpyxl keeps formulas without their values
    command = [find() or "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
               "--convert-to", XLSX, "--outdir", str(folder / "recalculated"), str(changed)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return openpyxl.load_workbook(folder / "recalculated" / changed.name, data_only=True)
