import json
import sys

from django.core.management.base import BaseCommand

from server.doctor import examine


class Command(BaseCommand):
    help = "Check everything that Longrun depends on; the exit code is 1 if something is wrong."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Print the findings as JSON, for other programs.")

    def handle(self, **options):
        findings = examine()
        is_well = all(finding.is_well for finding in findings)
        if options["json"]:
            said = {"ok": is_well, "findings": [finding.as_json() for finding in findings]}
            self.stdout.write(json.dumps(said, indent=1, ensure_ascii=False))
        else:
            for found in findings:
                mark = "ok" if found.is_well else "LOOK"
                self.stdout.write(f"{mark:5}{found.name:12}{' '.join([found.text, found.todo]).strip()}")
        if not is_well:
            sys.exit(1)
