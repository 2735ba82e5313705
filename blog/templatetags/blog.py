from django import template

from blog import jsonld

register = template.Library()


@register.filter
def as_json_ld(data):
    return jsonld.as_script(data)
