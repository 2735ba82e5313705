from django.template.loader import render_to_string

from shoes.models import Shoe, ShoeSettings


def shoes(words):
    """The block `[[shoes 300]]`: the shoes that have run at least so many kilometres."""
    least = int(words) if words.isdecimal() else 0
    chosen = ShoeSettings.now()
    rows = [(shoe.name, chosen.distance(shoe.kilometres)) for shoe in Shoe.objects.filter(kilometres__gte=least)]
    return render_to_string("shoes/block.html", {"rows": rows, "unit": chosen.unit})
