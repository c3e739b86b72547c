#!/usr/bin/env python
import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
    from django.core.management import execute_from_command_line

    from omnicqm.common.env import env_file_apply
    from omnicqm.common.errors import OmniError

    try:
        env_file_apply(Path(__file__).with_name(".env"))
        execute_from_command_line(sys.argv)
    except OmniError as error:
        sys.exit(error.message)  # one plain sentence with the remedy, exit code 1


if __name__ == "__main__":
    main()
