"""The figures as Prometheus reads them."""

from collections.abc import Iterable, Iterator
from threading import Lock

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from omnicqm.common.cache import kept_get, kept_set
from omnicqm.prometheus.figures import Family, figures_take

__all__ = ["CONTENT_TYPE", "exposition_write"]

PREFIX = "omnicqm_"
KEY = "prometheus-figures"
SECONDS = 10  # however often it is scraped, and by however many, the database is asked once in so long

_taking = Lock()


def exposition_write() -> bytes:
    """The text: the figures of all processes, then those of the process that answers."""
    registry = CollectorRegistry()
    registry.register(_Figures(_figures()))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _figures() -> list[Family]:
    with _taking:
        known: list[Family] | None = kept_get(KEY)
        if known is None:
            known = figures_take()
            kept_set(KEY, known, SECONDS)
        return known


class _Figures(Collector):
    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            names = sorted({name for labels, _ in family.samples for name in labels})
            metric = GaugeMetricFamily(f"{PREFIX}{family.name}", family.help, labels=names)
            for labels, value in family.samples:
                metric.add_metric([labels[name] for name in names], value)
            yield metric
