"""Robots that say who they are: their names and kinds, how often they came, and which kinds the owner refuses."""
