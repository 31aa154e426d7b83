"""Refuse, in the database, to change or delete what was published."""

from django.db import migrations

from waystation.web.tracking.guards import install


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
