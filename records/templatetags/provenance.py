"""`{% load provenance %}`: where a value comes from, in words for readers outside the house."""

from django import template

from records.sources import told_source

register = template.Library()
register.filter("told_source", told_source)
