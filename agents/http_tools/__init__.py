"""HTTP tools: an admin connects a company's order or account system, without code.

`checking` says what is wrong with a definition, `templates` fills in its address and body, `answers` reads what came
back, `effects` keeps a write from happening twice, `services` offers the tools to runs and calls them.
"""
