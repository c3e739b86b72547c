"""``python -m omnicqm.processes``: the supervisor. It reads settings but sets up no Django, so it starts in half a
second and stays small; ``manage.py up`` becomes this program."""

import signal
import sys
from argparse import ArgumentParser
from pathlib import Path

from omnicqm.common.env import env_file_apply
from omnicqm.common.errors import OmniError
from omnicqm.processes.children import die_with_parent
from omnicqm.processes.simulator import model_choose

PROJECT = Path(__file__).resolve().parents[2]


def main() -> None:
    arguments = ArgumentParser(prog="manage.py up", description=__doc__)
    arguments.add_argument("--stop-with-parent", action="store_true", help="stop when the calling program ends")
    arguments.add_argument("--simulated-model", action="store_true", help="a simulator in the place of Bedrock")
    arguments.add_argument("--mlflow-ui", action="store_true", help="MLflow's pages over the traces")
    given = arguments.parse_args()
    if given.stop_with_parent:
        die_with_parent(signal.SIGTERM)
    try:
        env_file_apply(PROJECT / ".env")
        if given.simulated_model:
            model_choose()
        _run(simulated_model=given.simulated_model, mlflow_ui=given.mlflow_ui)
    except OmniError as error:
        sys.exit(error.message)


def _run(*, simulated_model: bool, mlflow_ui: bool) -> None:
    from omnicqm import settings  # a wrong variable is told like every other reason not to start
    from omnicqm.processes.progress import Progress
    from omnicqm.processes.services import Installation
    from omnicqm.processes.startup import installation_run

    installation = Installation(
        project=settings.BASE_DIR,
        home=settings.OMNICQM_HOME,
        port=settings.OMNICQM_PORT,
        base_url=settings.OMNICQM_BASE_URL,
        database_url=settings.DATABASE_URL,
        redis_url=settings.REDIS_URL,
        embedded_postgres=settings.EMBEDDED_POSTGRES,
        embedded_valkey=settings.EMBEDDED_VALKEY,
        demo=settings.OMNICQM_DEMO,
        outgoing_allow=settings.OUTGOING_ALLOW,
        simulated_model=simulated_model,
        mlflow_ui=mlflow_ui,
        tracking_uri=settings.MLFLOW_TRACKING_URI,
        tracking_artifacts=settings.MLFLOW_ARTIFACTS,
    )
    installation_run(installation, Progress())


if __name__ == "__main__":
    main()
