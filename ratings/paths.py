"""Where the reference rows and the seeds built from them lie."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
DATA = HERE / "data"
