from django.urls import path

from shoes import views

urlpatterns = [path("", views.desk, name="desk")]
