"""`{% load reconciliation_words %}`: codes in the words of the desk."""

from django import template

from reconciliation.words import label_of, title_of

register = template.Library()
register.filter("title_of", title_of)
register.filter("label_of", label_of)
