from django import template

from core.own_apps import desk_pages

register = template.Library()

register.simple_tag(desk_pages)
