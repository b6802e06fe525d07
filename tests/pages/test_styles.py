"""Pages ask for style sheets that are there; with hashed names a missing one would be an error."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "static" / "css"


def test_every_style_sheet_that_is_asked_for_is_there_and_the_other_way_round():
    asked = {
        name
        for page in ROOT.glob("templates/**/*.html")
        for name in re.findall(r"\{% static ['\"]css/([\w-]+\.css)['\"] %\}", page.read_text())
    }
    asked |= {name for sheet in STYLES.glob("*.css") for name in re.findall(r'@import "([^"]+)"', sheet.read_text())}
    assert asked == {path.name for path in STYLES.glob("*.css")}
