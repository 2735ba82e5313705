from django import template

from core import text

register = template.Library()

register.filter(text.isolated)
