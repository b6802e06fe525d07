"""The files of a deployment speak of what is there: settings, commands, metrics, sections of the documents."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client

from atlasnexus.supervisor.verbs import VERBS
from jobs.watching import RECOVERY, watched

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
RULES: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/atlasnexus-rules.yml").read_text())
# Read by libraries or by Python itself, not by the product's settings.
OF_OTHERS = {"NUMBA_CACHE_DIR", "PYTHONUNBUFFERED"}
OF_NODE_EXPORTER = {"node_cpu_seconds_total", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"}


def unit(path: Path) -> dict[str, list[str]]:
    """Each directive of the unit's service with its values; systemd allows a key several times, configparser does not."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path)
    assert set(parser.sections()) == {"Unit", "Service", "Install"}
    return {key: value.split() for key, value in parser["Service"].items()}


def documented() -> set[str]:
    """The settings of the table in docs/operations.md."""
    table = (ROOT / "docs/operations.md").read_text().split("## Settings")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in first_cells for name in re.findall(r"`([A-Z_]+)`", cell)}


def environment_of_the_guide() -> dict[str, str]:
    """What docs/deploy.md puts into the service's environment file."""
    guide = (ROOT / "docs/deploy.md").read_text().split("4. Settings")[1].split("```")[1]
    return dict(line.strip().split("=", 1) for line in guide.strip().splitlines())


def named_in_files() -> Iterator[str]:
    """Every environment variable that a deployment sets for the platform."""
    for path in UNITS:
        yield from (each.split("=")[0] for each in unit(path)["Environment"])
    yield from COMPOSE["services"]["platform"]["environment"]
    yield from environment_of_the_guide()
    final = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    for line in re.findall(r"^ENV (.+)$", final, re.MULTILINE):
        yield from (each.split("=")[0] for each in line.split())


def test_every_variable_that_is_set_is_a_documented_setting():
    named = set(named_in_files())
    assert len(named) >= 12
    assert named - OF_OTHERS <= documented()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_program_that_exists_without_rights(path: Path):
    service = unit(path)
    python, flag, module, *verb = service["ExecStart"]
    assert (python, flag) == ("/opt/atlasnexus/.venv/bin/python", "-m")
    assert find_spec(module)
    assert all(each in VERBS for each in verb)
    assert service["User"] == ["atlasnexus"]
    assert service["CapabilityBoundingSet"] == []
    assert "MemoryDenyWriteExecute" not in service, "numba could not compile"
    for closed in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "RestrictNamespaces"):
        assert service[closed] == ["yes"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_understands_a_unit(path: Path, tmp_path: Path):
    # The program's place is the server's; here another stands for it, as systemd looks whether it is there.
    stated = path.read_text().replace("/opt/atlasnexus/.venv/bin/python", "/bin/true")
    (tmp_path / path.name.replace("@", "@1")).write_text(stated)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name.replace("@", "@1"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in told.stderr.splitlines() if path.name.split(".")[0].rstrip("@") in line] == []


def test_the_image_runs_what_exists_as_nobody():
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["atlasnexus"]
    command = json.loads(re.findall(r"^CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)[-1])
    assert command[1:3] == ["-m", "atlasnexus.supervisor"]
    assert command[3] in VERBS
    for what in re.findall(r"atlasnexus\.prepare (\w+)", DOCKERFILE):
        assert what in {"kernels", "further"}
    from_here = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert from_here
    assert all((ROOT / each).exists() for each in from_here)


def test_the_image_and_the_compose_file_agree():
    database = COMPOSE["services"]["database"]["image"]
    version = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    assert version == re.findall(r"postgres:(\d+)", database), "pg_dump refuses a server newer than itself"
    platform = COMPOSE["services"]["platform"]
    for name, wanted in platform["depends_on"].items():
        assert wanted == {"condition": "service_healthy"}
        assert COMPOSE["services"][name]["healthcheck"]["test"]
    assert platform["ports"] == ["127.0.0.1:8000:8000"], "only the proxy of the host reaches it"
    assert "127.0.0.1" in platform["environment"]["ALLOWED_HOSTS"], "the image's health check asks there"
    kept = {each.split(":")[0] for service in COMPOSE["services"].values() for each in service.get("volumes", ())}
    assert {each for each in kept if not each.startswith(".")} == set(COMPOSE["volumes"])


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["healthz", "readyz", "metrics"])
def test_what_is_asked_from_within_is_there(place: str, client: Client, redis_server: str):
    assert client.get(f"/{place}").status_code in {200, 503}


def test_the_proxy_lets_through_what_the_platform_takes():
    site = (ROOT / "deploy/nginx/atlasnexus.conf").read_text()
    (largest,) = re.findall(r"client_max_body_size (\d+)m;", site)
    assert int(largest) > settings.ATLASNEXUS_REQUEST_MB
    assert site.count("{") == site.count("}")
    for header in ("Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Request-ID"):
        assert f"proxy_set_header {header} " in site


def metrics_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:atlas|node)_\w+", expression))


def expressions() -> list[str]:
    dashboard = json.loads((ROOT / "deploy/grafana/atlasnexus.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [*(rule["expr"] for rule in rules()), *shown]


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


@pytest.mark.django_db
def test_every_metric_of_rules_and_dashboard_is_told(client: Client, redis_server: str, settings: Any, tmp_path: Path):
    settings.ATLASNEXUS_BACKUP_DIR = str(tmp_path)
    archive = tmp_path / "atlas-20261127T120000Z.tar"
    archive.touch()
    os.utime(archive, (1_800_000_000, 1_800_000_000))
    client.get("/healthz")
    watched(RECOVERY, lambda: 1)
    told = client.get("/metrics").content.decode()
    assert "atlas_newest_backup_timestamp_seconds 1.8e+09" in told
    families = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))
    samples = families | set(re.findall(r"^(atlas_\w+)", told, re.MULTILINE))
    asked = {name for each in expressions() for name in metrics_in(each)}
    assert asked - OF_NODE_EXPORTER <= samples


@pytest.mark.django_db
def test_without_a_backup_no_time_is_told(client: Client, redis_server: str, settings: Any, tmp_path: Path):
    settings.ATLASNEXUS_BACKUP_DIR = str(tmp_path)
    assert "atlas_newest_backup" not in client.get("/metrics").content.decode()


def test_the_runbook_thresholds_are_alerts_and_lead_to_a_section():
    by_name = {rule["alert"]: rule for rule in rules()}
    assert len(by_name) == len(rules())
    limits = {name: re.findall(r"> ([\d.]+)$", rule["expr"]) for name, rule in by_name.items()}
    assert limits["AtlasCpuBusy"] == ["0.8"]
    assert by_name["AtlasCpuBusy"]["for"] == "5m"
    assert limits["AtlasMemoryShort"] == ["0.85"]
    assert limits["AtlasQueueLong"] == ["10000"]
    assert limits["AtlasErrors"] == ["0.01"]
    assert limits["AtlasSlow"] == ["2"]
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    anchors = {"docs/operations.md#" + each.lower().replace(" ", "-") for each in headings}
    assert {rule["annotations"]["runbook"] for rule in rules()} <= anchors


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")
def test_prometheus_understands_its_files():
    subprocess.run(["promtool", "check", "config", str(ROOT / "deploy/prometheus/prometheus.yml")], check=True)


def test_django_finds_nothing_to_warn_of_as_the_guide_sets_it_up(tmp_path: Path):
    stated = environment_of_the_guide() | {"SECRET_KEY": "0123456789abcdef" * 4, "ATLASNEXUS_DATA_DIR": str(tmp_path)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=kept | stated,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "no issues" in told.stdout
