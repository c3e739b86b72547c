"""Asking for figures: a typed spec over the catalogue, compiled by us, run on the views under a role of its own.

    spec = spec_read({"metric": "alpha", "grain": "week", "period": {"from": "2026-11-01", "to": "2026-11-30"}})
    result = spec_run(spec)          # -> Result: typed columns, rows, totals, notes, definitions, as_of

`spec_read` refuses what is not in the catalogue (`SpecInvalid`, which names field, reason and remedy);
`spec_dump` is its inverse; `specs_run` answers several specs with as few statements as possible.
"""

from analytics.querying.results import Column as Column
from analytics.querying.results import Result as Result
from analytics.querying.results import Row as Row
from analytics.querying.running import spec_run as spec_run
from analytics.querying.running import specs_run as specs_run
from analytics.querying.spec import Compare as Compare
from analytics.querying.spec import Filter as Filter
from analytics.querying.spec import Grain as Grain
from analytics.querying.spec import Period as Period
from analytics.querying.spec import QuerySpec as QuerySpec
from analytics.querying.spec import spec_dump as spec_dump
from analytics.querying.tables import result_csv as result_csv
from analytics.querying.validation import spec_check as spec_check
from analytics.querying.validation import spec_read as spec_read
