"""`{% load reconciliation_words %}`: codes in the words of the desk."""

from django import template

from lib.text import label_of
from reconciliation.words import title_of

register = template.Library()
register.filter("title_of", title_of)
register.filter("label_of", label_of)
