from django.db import migrations, models

HELP = "The tour of the portal stands on the start page."


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_organisations")]

    operations = [
        # Who is here already knows the portal: the tour is for those who come.
        migrations.AddField("user", "shows_tour", models.BooleanField(default=False, help_text=HELP)),
        migrations.AlterField("user", "shows_tour", models.BooleanField(default=True, help_text=HELP)),
    ]
