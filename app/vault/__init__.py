"""The encrypted workspace: key slots, the SQLCipher file, migrations, backups and this device's identity."""
