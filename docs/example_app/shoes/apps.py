from django.apps import AppConfig


class ShoesConfig(AppConfig):
    """An example of an app of one's own: shoes and how far they have run. docs/customizing.md explains it."""

    name = "shoes"
    verbose_name = "Shoes"
    default_auto_field = "django.db.models.BigAutoField"

    # What Longrun reads:
    post_blocks = {"shoes": "shoes.blocks.shoes"}  # [[shoes]] or [[shoes 300]] in a post
    desk_page = "shoes:desk"  # an entry in the desk's menu
    desk_permission = "blog.change_settings"  # what it takes to open the app's pages
