"""Every reply is judged, after it was sent and by a worker of its own; people overrule what the judge says."""
