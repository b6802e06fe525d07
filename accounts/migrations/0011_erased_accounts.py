from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_api_tokens")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(editable=False, help_text="Since when nobody is told who it was.", null=True),
        )
    ]
