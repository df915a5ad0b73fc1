"""Reads a synthesized estate for people: its picture and what it costs at idle."""
