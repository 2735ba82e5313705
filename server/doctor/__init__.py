"""What Longrun depends on, checked one by one: `manage.py doctor`, and the desk's page "How is it?"."""

from server.doctor.findings import Finding, Problem, examine

__all__ = ["Finding", "Problem", "examine"]
