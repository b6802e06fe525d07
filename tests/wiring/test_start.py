"""The start of a process loads what every process needs, and no more."""

import subprocess
import sys

# Each takes a tenth of a second or more to import, for work that most processes never do.
HEAVY = ("boto3", "docx", "matplotlib.pyplot", "paramiko", "pptx", "pyarrow.compute", "QuantLib", "scipy.optimize", "scipy.stats", "sklearn", "xhtml2pdf")  # fmt: skip


def test_no_process_waits_for_what_few_need():
    said = f"import django, sys; django.setup(); print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
