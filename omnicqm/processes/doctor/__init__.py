"""Examines every part of an installation: the work of ``manage.py doctor``."""

from omnicqm.processes.doctor.examining import Examination, Finding, Outcome, examine
from omnicqm.processes.doctor.parts import EXAMINATIONS

__all__ = ["EXAMINATIONS", "Examination", "Finding", "Outcome", "examine"]
