"""What `benchmarks/insights.py` is made of: customers, a slow model, a load, and the system under it."""
