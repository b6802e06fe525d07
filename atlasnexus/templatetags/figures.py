"""`{% load figures %}`: how numbers look on screen. `{{ value|money:"GBP" }}`, `{{ rate|percent }}`, ..."""

from django import template

from atlasnexus.lib import figures

register = template.Library()
for _name in figures.__all__:
    register.filter(_name, getattr(figures, _name))
