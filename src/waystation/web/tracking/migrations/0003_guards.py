"""Refuse, in the database, to change or delete what was published."""

from django.db import migrations

from waystation.web.tracking.guards import install


class Migration(migrations.Migration):
    dependencies = [("tracking", "0002_review_and_withdrawal")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
