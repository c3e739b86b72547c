"""pocketsphinx, in a process of its own. Its `child` starts for every recording: nothing is loaded here."""
