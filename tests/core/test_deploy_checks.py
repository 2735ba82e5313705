from django.core.checks import run_checks


def test_a_public_blog_without_limits_is_warned(settings):
    settings.LONGRUN_LIMITS = False
    assert "core.W001" in [found.id for found in run_checks(include_deployment_checks=True)]
    assert "core.W001" not in [found.id for found in run_checks()]
    settings.LONGRUN_LIMITS = True
    assert "core.W001" not in [found.id for found in run_checks(include_deployment_checks=True)]
