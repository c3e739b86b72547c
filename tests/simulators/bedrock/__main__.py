"""``python -m tests.simulators.bedrock --port N``: the simulator as a program of its own, answering until stopped."""

import os
import signal
from argparse import ArgumentParser

import django

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def main() -> None:
    arguments = ArgumentParser(prog="python -m tests.simulators.bedrock", description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="of 127.0.0.1; any free one unless given")
    port = arguments.parse_args().port
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # in all threads: they wait for `sigwait`
    django.setup()  # the engine finds its embedding model by the settings

    from agents.providers.local import LocalProvider
    from tests.simulators.bedrock import simulator_running

    LocalProvider().prepare()  # so that the first call need not wait for it
    with simulator_running(port) as simulator:
        print(f"A simulator of Amazon Bedrock answers at {simulator.url}", flush=True)
        signal.sigwait(STOP_SIGNALS)


if __name__ == "__main__":
    main()
