"""Speak one chat platform's dialect each: pure translations and a thin shell."""
