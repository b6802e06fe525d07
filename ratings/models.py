"""Rule sets and market sets, whose life is that of every version, and the stress scenarios that people keep."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from engine.errors import InputProblems
from engine.market import MarketSet as EngineMarketSet
from engine.ratings import RuleSet as EngineRuleSet
from engine.stress import StressScenario, read_scenarios
from projects.asset_classes import asset_class_name, asset_classes, require_asset_class
from projects.models import DATA_CENTRE
from ratings.market import MARKETS
from ratings.rules import RULES
from records.models import Version, version_constraints


class RuleSet(Version):
    """One version of one family of rules, for one class of assets."""

    kind = RULES

    asset_class = models.CharField(
        max_length=40, default=DATA_CENTRE, help_text="What is financed under the rules; a family has one."
    )

    class Meta(Version.Meta):
        constraints = version_constraints("rule_set")

    @property
    def asset_class_name(self) -> str:
        """The asset class in words."""
        return asset_class_name(self.asset_class)

    @property
    def scope(self) -> str:
        """The asset class in words."""
        return self.asset_class_name

    def scopes(self) -> dict[str, str]:
        """The other asset classes."""
        return {code: name for code, name in asset_classes().items() if code != self.asset_class}

    def copied_to(self, scope: str) -> dict[str, Any]:
        """The same family within the asset class, else its name with the other class's behind it."""
        asset_class = scope or self.asset_class
        require_asset_class(asset_class)
        return {"family": self._family_for(asset_class), "asset_class": asset_class}

    def terms(self) -> EngineRuleSet:
        """The rules as the engine takes them."""
        return EngineRuleSet.from_dict(self.content)

    def clean(self) -> None:
        if self.asset_class not in asset_classes():
            message = f"{self.asset_class!r} is not a known asset class: administrators add classes."
            raise ValidationError({"asset_class": message})
        if type(self).objects.filter(family=self.family).exclude(asset_class=self.asset_class).exists():
            message = f"The family {self.family} is of another asset class: choose another family."
            raise ValidationError({"asset_class": message})
        super().clean()

    def _family_for(self, asset_class: str) -> str:
        if asset_class == self.asset_class:
            return self.family
        plain = self.family.removesuffix(f"-{self.asset_class}")
        return plain if asset_class == DATA_CENTRE else f"{plain}-{asset_class}"[:60]


class MarketSet(Version):
    """One version of the market: curves, spreads and inflation by currency."""

    kind = MARKETS

    class Meta(Version.Meta):
        constraints = version_constraints("market_set")

    def terms(self) -> EngineMarketSet:
        """The market as the engine takes it."""
        return EngineMarketSet.from_dict(self.content)


class ScenarioSet(models.Model):
    """Stress scenarios somebody keeps under a name; shared, everybody may use them and only the owner changes them."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="scenario_sets")
    name = models.CharField(max_length=80)
    is_shared = models.BooleanField("shared with everybody", default=False)
    scenarios = models.JSONField(help_text="A list of scenarios, each in the terms of engine.stress.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="scenario_set_name_once_an_owner"),)

    def __str__(self) -> str:
        return self.name

    def terms(self) -> tuple[StressScenario, ...]:
        """The scenarios as the engine takes them."""
        return read_scenarios(self.scenarios)

    def clean(self) -> None:
        try:
            self.terms()
        except InputProblems as error:
            raise ValidationError({"scenarios": [p.message for p in error.problems]}) from error
