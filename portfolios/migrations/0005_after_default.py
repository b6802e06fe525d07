from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0004_saved_reports")]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="accelerates_after_default",
            field=models.BooleanField(
                default=False,
                help_text="After an event of default payments go on in one priority of all proceeds; else they stop there.",
            ),
        ),
    ]
