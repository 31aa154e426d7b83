"""Refuse, in the database, to change or delete events."""

from django.db import migrations

from waystation.web.audit.guards import install


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
