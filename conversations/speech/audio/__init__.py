"""Recordings of every kind become the one form of audio inside: 16 kHz, mono, 16 bit."""
