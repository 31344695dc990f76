"""The version of RMOS."""

VERSION = "0.1.0"
