from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from shoes.models import Shoe, ShoeSettings, save_for_readers


class ShoeForm(forms.ModelForm):
    class Meta:
        model = Shoe
        fields = ["name", "kilometres"]


class SettingsForm(forms.ModelForm):
    class Meta:
        model = ShoeSettings
        fields = ["unit"]


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request):
    """The app's page at the desk: its setting, and a new shoe. Longrun has asked for the permission already."""
    data = request.POST if request.method == "POST" else None
    chosen = SettingsForm(data if data and "unit" in data else None, instance=ShoeSettings.now())
    shoe = ShoeForm(data if data and "name" in data else None)
    for form in (chosen, shoe):
        if form.is_bound and form.is_valid():
            save_for_readers(form.save(commit=False))
            messages.success(request, "Saved.")
            return redirect("shoes:desk")
    context = {"chosen": chosen, "form": shoe, "shoes": Shoe.objects.all()}
    return render(request, "shoes/desk.html", context, status=422 if data is not None else 200)
