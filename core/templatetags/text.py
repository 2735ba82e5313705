from django import template

from core import text
from core.pagination import grouped, shown_count

register = template.Library()

register.filter(text.isolated)
register.filter(grouped)  # {{ number|grouped }}: "1,234"
register.filter(shown_count)  # {{ number|shown_count }}: "42", "10,000+"
