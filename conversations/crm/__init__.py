"""What consultants work on is seen in the company's CRM too.

`noting` marks a case in the transaction of what changed, `fields` says what the CRM is told of it, `sending` carries it
there by side work. Nobody who waits for an answer waits for a CRM.
"""
