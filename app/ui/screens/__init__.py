"""One file per screen; screens know services. The list of all screens is in app/ui/application.py."""
