"""The demo: an emulated fleet and a real Ironic beside this very daemon, and the main job on them.

Emulators and Ironic are separate processes, reached over sockets only, as real ones would be.
"""
