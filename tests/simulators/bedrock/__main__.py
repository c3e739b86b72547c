"""``python -m tests.simulators.bedrock --port N``: the simulator as a program of its own, answering until stopped."""

import os
import signal
from argparse import ArgumentParser

import django


def main() -> None:
    arguments = ArgumentParser(prog="python -m tests.simulators.bedrock", description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="of 127.0.0.1; any free one unless given")
    port = arguments.parse_args().port
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
    django.setup()  # the engine finds its embedding model by the settings

    from tests.simulators.bedrock import simulator_running

    with simulator_running(port) as simulator:
        print(f"A simulator of Amazon Bedrock answers at {simulator.url}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
