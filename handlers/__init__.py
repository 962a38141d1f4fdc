"""Answer people and keep promises, in words that belong to no platform."""
