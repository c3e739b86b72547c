#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
    from django.core.management import execute_from_command_line

    from omnicqm.common.errors import OmniError

    try:
        execute_from_command_line(sys.argv)
    except OmniError as error:
        sys.exit(error.message)  # one plain sentence with the remedy, exit code 1


if __name__ == "__main__":
    main()
