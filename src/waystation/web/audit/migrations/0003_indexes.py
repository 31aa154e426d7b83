"""Find events by what was done and by day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guards")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["verb"], name="audit_event_verb"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["at"], name="audit_event_at"),
        ),
    ]
