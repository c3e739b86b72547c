"""Speech becomes text: recordings and what is spoken live, by providers behind one interface.

A transcript is only ever offered: the customer, or the system that asked, decides what becomes of it.
"""
