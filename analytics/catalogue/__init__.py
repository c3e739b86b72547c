"""What can be asked: every metric and every dimension, defined once for dashboards, the analyst, exports and docs."""
