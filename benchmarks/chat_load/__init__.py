"""What `benchmarks/chat_sockets.py` is made of: visitors, their pages, people who answer, and a model that streams."""
