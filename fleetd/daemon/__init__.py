"""The composition root: builds, starts and stops everything, and holds no logic of its own."""
