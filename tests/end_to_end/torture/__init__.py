"""The bot as a process, killed again and again while everything round it fails."""
