"""Dashboards at /analytics/<dashboard>/: figures of the catalogue in tiles, charts and tables under one bar.

A request's way: `state` reads the bar from the address, `boards` says what a dashboard shows, `reading` asks
`analytics.querying` for all of it at once, `tables` makes rows of the answers, and a chart is a table drawn.
"""
