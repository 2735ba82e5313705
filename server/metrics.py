"""`/metrics` in Prometheus's text format, for whoever knows LONGRUN_METRICS_TOKEN."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from core import jobs, worker_leases
from core.models import Email
from server.request_log import Metrics

requests = Metrics()


@require_safe
def metrics(request):
    """The counters of this web process, and what the database says now of jobs, emails and workers."""
    if not settings.LONGRUN_METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.LONGRUN_METRICS_TOKEN}"):
        return HttpResponse("", status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    lines = [*requests.told(), "# TYPE longrun_jobs_waiting gauge"]
    waiting = jobs.waiting_jobs()
    for queue in ("default", "long"):
        count, _since = waiting.get(queue, (0, None))
        lines.append(f'longrun_jobs_waiting{{queue="{queue}"}} {count}')
    lines += ["# TYPE longrun_emails_waiting gauge", f"longrun_emails_waiting {Email.objects.waiting().count()}"]
    lines += ["# TYPE longrun_workers gauge", f"longrun_workers {len(worker_leases.alive())}"]
    content = "".join(f"{line}\n" for line in lines)
    return HttpResponse(content, content_type="text/plain; version=0.0.4", headers={"Cache-Control": "no-store"})
