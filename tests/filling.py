"""Fills in and sends a form of a page as a browser does: all other fields are sent with their current values."""

import html5lib


def fill(client, address, *, press="", to=None, refused=False, **changes):
    """Send the form of the page `address` that has all these fields, and return the response.

    `changes`: values by field name, with "__" for "-"; None leaves a field out. `press`: "name=value" of a button;
    `to`: the form's action; `refused`: the expected status is 422 instead of 200, 302 or 303.
    """
    changes = {name.replace("__", "-"): value for name, value in changes.items()}
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)
    tree = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    for form in tree.iter("form"):
        if (
            form.get("method", "").lower() == "post"
            and changes.keys() <= names(form)
            and (not to or form.get("action") == to)
        ):
            sent = {key: value for key, value in (standing(form) | changes).items() if value is not None}
            if press:
                name, _is, value = press.partition("=")
                sent[name] = value
            answer = client.post(form.get("action") or address, sent)
            expected = (422,) if refused else (200, 302, 303)
            assert answer.status_code in expected, (address, answer.status_code, answer.content.decode()[:2000])
            return answer
    raise AssertionError(f"{address} has no form with {sorted(changes)}")


def names(form):
    return {field.get("name") for field in form.iter() if field.tag in ("input", "textarea", "select")}


def standing(form):
    """What a browser would send of the unchanged form."""
    found = {}
    for field in form.iter():
        name = field.get("name")
        if not name or field.get("disabled") is not None:
            continue
        if field.tag == "textarea":
            found[name] = field.text or ""
        elif field.tag == "select":
            chosen = [option for option in field.iter("option") if option.get("selected") is not None]
            options = chosen or list(field.iter("option"))[:1]
            values = [option.get("value", option.text or "") for option in options]
            found[name] = values if field.get("multiple") is not None else values[0] if values else ""
        elif field.tag == "input" and field.get("type") in ("checkbox", "radio"):
            if field.get("checked") is not None:
                found.setdefault(name, [])
                found[name] = [*found[name], field.get("value", "on")]
        elif field.tag == "input" and field.get("type") not in ("submit", "button", "file", "image", "reset"):
            found[name] = field.get("value", "")
    return found
