"""Replays: the campaign run again with one thing otherwise, to tell what each thing cost."""
