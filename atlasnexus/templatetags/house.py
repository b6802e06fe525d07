"""`{% load house %}`: what rooms add to pages of others: `{% slot "project.body" %}`, and to the navigation."""

from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from lib import navigation as lines
from lib.browsers import browser_words
from lib.slots import fragments
from lib.text import day_told, label_of

register = template.Library()
register.filter("browser", browser_words)
register.filter("label_of", label_of)
register.filter("day_told", day_told)


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> SafeString:
    """Every fragment that fills the slot, each with the page's context and its own."""
    shown = []
    for fragment in fragments(name):
        own = fragment.context(context.flatten()) if fragment.context else {}  # type: ignore[arg-type]
        if own is not None:
            with context.push(**own):
                shown.append(get_template(fragment.template).template.render(context))  # type: ignore[attr-defined]
    return mark_safe("".join(shown))  # noqa: S308  # templates of the house, escaped as they were rendered


@register.simple_tag
def navigation(person: Any) -> list[lines.Entry]:
    """The lines of the main navigation that this person sees."""
    return lines.entries_for(person)
