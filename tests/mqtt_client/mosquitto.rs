//! Against Debian's mosquitto.
