"""Which model answers: the route that settings name, tried in order, every try a row of the cost ledger."""

from agents.routing.ledger import run_total, run_usage
from agents.routing.router import RoutedModel, model_open, models_prepare

__all__ = ["RoutedModel", "model_open", "models_prepare", "run_total", "run_usage"]
