"""Starts the bot with a wall clock that a file sets ahead or back while it runs:
`python -m tests.end_to_end.torture.launch FILE --config … run`. The file holds seconds.
"""

import sys
import time
from pathlib import Path
from unittest.mock import patch

from bot import cli, session


def main() -> None:
    ahead = Path(sys.argv[1])

    def shifted() -> int:
        return int(time.time()) + int(ahead.read_text(encoding="ascii"))

    with patch.object(session, "wall_clock", shifted):
        cli.main(args=sys.argv[2:])


if __name__ == "__main__":
    main()
