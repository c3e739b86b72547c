"""The views that questions may read, the role that may read nothing else, and how it is asked."""
